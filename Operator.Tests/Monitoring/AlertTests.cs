using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>The rules for Prometheus, judged by its own promtool: they fire when they should, and not when all is well.</summary>
public sealed partial class AlertTests
{
    private const string Thresholds = "llmkube:threshold:";

    private static readonly string[] s_ofTheGoOperator =
    [
        "GPUHighUtilization", "GPUHighTemperature", "GPUMemoryPressure", "GPUPowerLimit", "InferenceServiceDown", "ControllerDown", "ModelDownloadSlow", "InferenceServiceNotReady",
        "GPUQueueBacklog",
    ];

    private RuleFolder _rules = null!;

    public static IEnumerable<string> UnitTests => RuleFolder.Tests;

    private static IEnumerable<string> AlertNames => RuleFolder.Alerts.Select(a => a.Text("alert")!).Distinct();

    [OneTimeSetUp]
    public void LayOut() => _rules = new RuleFolder();

    [OneTimeTearDown]
    public void CleanUp() => _rules.Dispose();

    [Test]
    public Task The_rules_are_sound() => Promtool.RunAsync(["check", "rules", "--lint=all", "--lint-fatal", .. RuleFolder.Manifests.Keys.Select(_rules.PathOf)]);

    [TestCaseSource(nameof(UnitTests))]
    public Task They_fire_when_they_should_and_not_otherwise(string test) => Promtool.RunAsync("test", "rules", _rules.PathOf($"tests/{test}"));

    [Test]
    public void Each_alert_fires_in_one_case_and_does_not_in_another()
    {
        var expected = RuleFolder.Cases.SelectMany(c => c["alert_rule_test"]?.AsArray() ?? []).ToLookup(t => t.Text("alertname")!, t => t.At("exp_alerts", "0") is not null);

        Assert.That(AlertNames.Where(a => !expected[a].Contains(true)), Is.Empty, "none of these is seen to fire");
        Assert.That(AlertNames.Where(a => !expected[a].Contains(false)), Is.Empty, "none of these is seen not to fire");
        Assert.That(expected.Select(e => e.Key).Except(AlertNames), Is.Empty, "no alerts of these names");
    }

    [Test]
    public void Each_window_of_the_error_budget_fires_in_a_case()
    {
        var fired = RuleFolder.Cases.SelectMany(c => c["alert_rule_test"]?.AsArray() ?? []).Select(t => t.Text("exp_alerts", "0", "exp_labels", "long")).OfType<string>();

        Assert.That(fired, Is.EquivalentTo(RuleFolder.Alerts.Select(a => a.Text("labels", "long")).OfType<string>()));
    }

    [Test]
    public void Each_recorded_value_is_tested()
    {
        var tested = RuleFolder.Cases.SelectMany(c => c["promql_expr_test"]?.AsArray() ?? []).Where(t => t.At("exp_samples", "0") is not null).Select(t => t.Text("expr"));

        Assert.That(RuleFolder.Recorded.Where(r => !r.StartsWith(Thresholds, StringComparison.Ordinal)).Except(tested), Is.Empty);
    }

    [Test]
    public void Each_series_of_a_case_occurs_in_a_recorded_scrape()
    {
        var complaints =
            from test in RuleFolder.Cases
            from input in test["input_series"]?.AsArray() ?? []
            let series = PromSeries.Parse(input.Text("series")!)
            let complaint = RecordedScrape.ByJob[series.Labels["job"]].Complaint(series)
            where complaint is not null
            select $"{test.Text("name")}: {complaint}";

        Assert.That(complaints, Is.Empty);
    }

    [Test]
    public void Each_metric_that_a_rule_asks_for_occurs_in_a_recorded_scrape()
    {
        var known = RecordedScrape.ByJob.Values.SelectMany(s => s.Names).Concat(RuleFolder.Recorded).Append("up").ToHashSet();

        Assert.That(RuleFolder.Rules.SelectMany(r => PromExpression.Metrics(r.Text("expr")!)).Distinct().Where(m => !known.Contains(m)), Is.Empty);
    }

    [Test]
    public void Each_alert_says_what_is_wrong_how_bad_it_is_and_where_help_is()
    {
        foreach (var alert in RuleFolder.Alerts)
        {
            var name = alert.Text("alert")!;
            Assert.That(alert.Text("labels", "severity"), Is.AnyOf("critical", "warning", "info", "none"), name);
            Assert.That(alert.Text("annotations", "summary"), Does.EndWith("."), name);
            Assert.That(alert.Text("annotations", "description"), Does.EndWith("."), name);
            Assert.That(alert.Text("annotations", "runbook_url"), Is.EqualTo($"docs/runbook.md#{name.ToLowerInvariant()}"));
        }
    }

    [Test]
    public void The_runbook_has_a_section_for_each_alert_and_no_other()
    {
        Assert.That(Sections().Keys, Is.EquivalentTo(AlertNames));
        foreach (var (name, text) in Sections())
        {
            Assert.That(text, Does.Contain("**Meaning.**").And.Contain("**First look.**").And.Contain("**Fix.**"), name);
            Assert.That(text, Does.Contain("```"), $"{name}: something to type");
        }
    }

    // What fails a Model for good fires the one alert, what is tried again by itself the other.
    [TestCaseSource(typeof(ModelFailureReasons), nameof(ModelFailureReasons.All))]
    public void The_runbook_says_what_to_do_for_each_reason(string reason)
    {
        var isFailed = ModelStatuses.IsFinal(reason) || reason is Reasons.InvalidSpec or Reasons.SourceUnauthorized;

        Assert.That(Sections()["LLMKubeModelFailed"].Contains($"`{reason}`", StringComparison.Ordinal), Is.EqualTo(isFailed), "in the section of what has failed");
        Assert.That(Sections()["LLMKubeModelDownloadStuck"].Contains($"`{reason}`", StringComparison.Ordinal), Is.EqualTo(!isFailed), "in the section of what gets nowhere");
    }

    [Test]
    public void The_runbook_asks_for_metrics_that_exist()
    {
        var known = RecordedScrape.ByJob.Values.SelectMany(s => s.Names).ToHashSet();
        var named = Metric().Matches(File.ReadAllText(Path.Combine(Installation.Root, "docs", "runbook.md"))).Select(m => m.Value).Distinct();

        Assert.That(named.Where(n => !known.Contains(n)), Is.Empty);
    }

    [Test]
    public void The_names_that_the_Go_operator_gave_are_kept() => Assert.That(s_ofTheGoOperator.Except(AlertNames), Is.Empty);

    [Test]
    public void Thresholds_are_in_one_place_and_each_is_used()
    {
        var defined = RuleFolder.Recorded.Where(r => r.StartsWith(Thresholds, StringComparison.Ordinal)).ToList();
        var used = RuleFolder.Rules.SelectMany(r => PromExpression.Metrics(r.Text("expr")!)).Where(m => m.StartsWith(Thresholds, StringComparison.Ordinal)).Distinct();

        Assert.That(used, Is.EquivalentTo(defined));
        Assert.That(RuleFolder.Manifests["thresholds.yaml"].SelectMany(g => g!["rules"]!.AsArray()).Select(r => r.Text("record")), Is.EquivalentTo(defined));
    }

    private static Dictionary<string, string> Sections() =>
        Section().Split(File.ReadAllText(Path.Combine(Installation.Root, "docs", "runbook.md"))).Skip(1).Chunk(2).ToDictionary(s => s[0], s => s[1]);

    [GeneratedRegex(@"^## (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"\b(llmkube_|llamacpp:|controller_runtime_|workqueue_|leader_election_|rest_client_|DCGM_)\w+")]
    private static partial Regex Metric();
}
