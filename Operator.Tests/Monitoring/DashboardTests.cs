using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>
/// What Grafana's dashboard-linter asks of a dashboard (its rules' names are in the tests), and what ours promise beyond: that their queries name
/// what exists. Instead of a job variable each query names its job.
/// </summary>
public sealed class DashboardTests
{
    private static readonly HashSet<string> s_units =
        ["short", "none", "percentunit", "percent", "s", "bytes", "Bps", "ops", "reqps", "wps", "celsius", "watt", "suffix: tokens/s", "suffix: tokens"];

    public static IEnumerable<string> Names => DashboardFile.All.Select(d => d.Name);

    private static IEnumerable<(DashboardFile Dashboard, JsonObject Panel, string Expression)> Queries =>
        from dashboard in DashboardFile.All
        from panel in dashboard.Panels
        from target in DashboardFile.Targets(panel)
        select (dashboard, panel, target.Text("expr")!);

    [TestCaseSource(nameof(Names))]
    public void The_dashboard_is_set_up_as_the_others(string name)
    {
        var json = Named(name).Json;

        Assert.That(json.Text("uid"), Is.EqualTo($"llmkube-{Path.GetFileNameWithoutExtension(name)}"));
        Assert.That(json["id"], Is.Null, "Grafana's own number");
        Assert.That(json["schemaVersion"]!.GetValue<int>(), Is.AtLeast(39));
        Assert.That(json["editable"]!.GetValue<bool>(), Is.False, "uneditable-rule");
        Assert.That(json["tags"]!.AsArray().Select(t => t!.GetValue<string>()), Is.EqualTo(["llmkube"]));
        Assert.That((json.Text("refresh"), json.Text("timezone")), Is.EqualTo(("30s", "browser")));
        Assert.That(json.Text("description"), Is.Not.Empty);
        Assert.That(json.Text("links", "0", "type"), Is.EqualTo("dashboards"));
        Assert.That(json.Text("links", "0", "tags", "0"), Is.EqualTo("llmkube"), "the others are found by their tag");
    }

    [TestCaseSource(nameof(Names))]
    public void Its_variables_are_sound_and_each_is_used(string name)
    {
        var dashboard = Named(name);
        var variables = dashboard.Variables.ToList();
        var source = variables[0];
        Assert.That((source.Text("type"), source.Text("name"), source.Text("query"), source.Text("label")), Is.EqualTo(("datasource", "datasource", "prometheus", "Data source")), "template-datasource-rule");
        foreach (var variable in variables.Skip(1))
        {
            Assert.That(variable.Text("type"), Is.EqualTo("query"));
            Assert.That(variable.Text("datasource", "uid"), Is.EqualTo("${datasource}"));
            Assert.That(variable["refresh"]!.GetValue<int>(), Is.EqualTo(2), "template-on-time-change-reload-rule");
            Assert.That((variable.Text("allValue"), variable["includeAll"]!.GetValue<bool>()), Is.EqualTo((".*", true)), "objects that come later are selected, too");
            Assert.That(variable.Text("query", "query"), Does.StartWith("label_values("), "template-label-promql-rule");
        }

        var used = Queries.Where(q => q.Dashboard == dashboard).Select(q => q.Expression).SelectMany(e => DashboardFile.Variable().Matches(e)).Select(m => m.Groups[1].Value);
        Assert.That(used.Where(v => !v.StartsWith("__", StringComparison.Ordinal)).Distinct(), Is.EquivalentTo(variables.Skip(1).Select(v => v.Text("name"))));
    }

    [TestCaseSource(nameof(Names))]
    public void Its_panels_say_what_they_show(string name)
    {
        foreach (var panel in Named(name).Everything.Where(p => p.Text("type") != "row"))
        {
            Assert.That(panel.Text("title"), Is.Not.Empty, "panel-title-description-rule");
            Assert.That(panel.Text("description"), Does.EndWith("."), $"panel-title-description-rule: {panel.Text("title")}");
        }

        foreach (var panel in Named(name).Panels)
        {
            var title = panel.Text("title");
            Assert.That(s_units, Does.Contain(panel.Text("fieldConfig", "defaults", "unit")), $"panel-units-rule: {title}");
            Assert.That(DashboardFile.Targets(panel).Append(panel).Select(t => t.Text("datasource", "uid")), Is.All.EqualTo("${datasource}"), $"panel-datasource-rule: {title}");
        }

        Assert.That(Named(name).Everything.Where(p => p.Text("type") == "text").Select(p => p.Text("options", "content")), Has.Some.Contains("No data"));
    }

    [TestCaseSource(nameof(Names))]
    public void Its_panels_fill_the_grid_and_don_t_overlap(string name)
    {
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (var panel in Named(name).Everything)
        {
            int At(string side) => panel["gridPos"]![side]!.GetValue<int>();
            Assert.That(At("x") + At("w"), Is.LessThanOrEqualTo(24), panel.Text("title"));
            foreach (var cell in from x in Enumerable.Range(At("x"), At("w")) from y in Enumerable.Range(At("y"), At("h")) select (x, y))
            {
                Assert.That(taken.TryAdd(cell, panel.Text("title")!), Is.True, () => $"{panel.Text("title")} lies over {taken[cell]}");
            }
        }

        Assert.That(taken.Keys.GroupBy(c => c.Y).Where(r => r.Count() < 24).Select(r => r.Key), Is.Empty, "rows with a hole");
        Assert.That(Named(name).Everything.Select(p => p["id"]!.GetValue<int>()), Is.Unique);
    }

    [Test]
    public void Names_by_which_others_link_to_them_are_unique() => Assert.That(DashboardFile.All.Select(d => d.Json.Text("uid")).Concat(DashboardFile.All.Select(d => d.Title)), Is.Unique);

    [Test]
    public async Task Each_query_is_PromQL()
    {
        var file = Path.GetTempFileName();
        try
        {
            var rules = DashboardFile.All.SelectMany(d => d.Queries()).Select((q, i) => (JsonNode)new JsonObject { ["record"] = $"panel:{i}", ["expr"] = q.Expression });
            var groups = new JsonArray(new JsonObject { ["name"] = "panels", ["rules"] = new JsonArray([.. rules]) });
            await File.WriteAllTextAsync(file, new JsonObject { ["groups"] = groups }.ToJsonString());

            await Promtool.RunAsync("check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void Rates_are_of_the_interval_that_Grafana_works_out()
    {
        var others = Queries.SelectMany(q => PromExpression.Durations(q.Expression)).Where(d => d is not ("$__rate_interval" or "$__range"));

        Assert.That(others, Is.Empty, "target-rate-interval-rule");
    }

    [Test]
    public void Each_query_selects_by_job_and_by_the_variables()
    {
        foreach (var (dashboard, panel, expression) in Queries)
        {
            foreach (var (metric, matchers) in PromExpression.Selectors(expression))
            {
                var where = $"{dashboard.Name}, {panel.Text("title")}: {metric}";
                Assert.That(matchers, Has.Member(("cluster", "=~", "$cluster")), $"target-required-matchers-rule: {where}");
                foreach (var (label, op, value) in matchers.Where(m => m.Value.Contains('$', StringComparison.Ordinal))) Assert.That(op, Is.EqualTo("=~"), $"{where}: {label}, of several values {value}");
                if (metric is not "ALERTS" && !metric.StartsWith("DCGM_", StringComparison.Ordinal)) Assert.That(matchers.Where(m => m.Label == "job").Select(m => m.Operator), Is.EqualTo(["="]), $"target-job-rule: {where}");
            }
        }
    }

    [Test]
    public void Each_query_names_what_a_recorded_scrape_has()
    {
        foreach (var (dashboard, panel, expression) in Queries)
        {
            foreach (var (metric, matchers) in PromExpression.Selectors(expression).Where(s => s.Metric != "ALERTS"))
            {
                var job = matchers.FirstOrDefault(m => m.Label == "job").Value ?? "dcgm-exporter";
                var labels = RecordedScrape.ByJob[job].LabelsOf(metric);

                Assert.That(labels, Is.Not.Empty, $"{dashboard.Name}, {panel.Text("title")}: {metric} is in no recorded scrape");
                Assert.That(matchers.Select(m => m.Label).Where(l => l != "cluster").Except(labels), Is.Empty, $"{dashboard.Name}, {panel.Text("title")}: {metric} has no such label");
            }
        }
    }

    [Test]
    public void Alerts_are_shown_where_their_cause_is()
    {
        var alerts = RuleFolder.Alerts.Select(a => a.Text("alert")!).Distinct().ToList();
        var linked = DashboardFile.All.SelectMany(d => d.Panels).SelectMany(p => p["links"]?.AsArray() ?? []).ToList();
        var patterns = DashboardFile.All.Select(d => d.Json["annotations"]!["list"]!.AsArray().Single(a => a.Text("name") == "Alerts").Text("expr")!).ToList();

        Assert.That(linked.Select(l => l.Text("title")).Distinct(), Is.EquivalentTo(alerts));
        Assert.That(linked.Select(l => l.Text("url")), Is.EqualTo(linked.Select(l => $"/alerting/list?search=rule:{l.Text("title")}")));
        foreach (var alert in alerts.Where(a => a != "LLMKubeWatchdog"))
        {
            Assert.That(patterns.Count(p => PromExpression.Selectors(p).Single().Matchers.Any(m => m.Label == "alertname" && Regex.IsMatch(alert, $"^(?:{m.Value})$"))), Is.EqualTo(1).Or.EqualTo(2), $"{alert} is marked on a dashboard");
        }
    }

    private static DashboardFile Named(string name) => DashboardFile.All.Single(d => d.Name == name);
}
