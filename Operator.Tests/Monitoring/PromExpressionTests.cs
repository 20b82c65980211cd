namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>What the checks of rules and dashboards see of an expression.</summary>
public sealed class PromExpressionTests
{
    [TestCase("up", ExpectedResult = "up")]
    [TestCase("sum by (le, pod) (rate(a_bucket{le=\"b\"}[5m]))", ExpectedResult = "a_bucket")]
    [TestCase("a / on (x) group_left (y) b unless c offset 5m == bool 1e6", ExpectedResult = "a b c")]
    [TestCase("label_replace(up{job=\"j\"}, \"to\", \"$1\", \"from\", \"(.+)\") > scalar(llmkube:threshold:n)", ExpectedResult = "up llmkube:threshold:n")]
    [TestCase("x{a=\"}\\\"\", b=~\"sum(y)\"} offset $__rate_interval or vector(0)", ExpectedResult = "x")]
    public string Metrics_are_seen(string expression) => string.Join(' ', PromExpression.Metrics(expression));

    [Test]
    public void Matchers_are_seen() => Assert.That(
        PromExpression.Selectors("a{job=\"j\", cluster=~\"$cluster\",x!=\"\"} + b").Select(s => (s.Metric, string.Join(' ', s.Matchers.Select(m => $"{m.Label}{m.Operator}{m.Value}")))),
        Is.EqualTo([("a", "job=j cluster=~$cluster x!="), ("b", "")]));

    [Test]
    public void Durations_are_seen() => Assert.That(
        PromExpression.Durations("rate(a[5m]) + b offset 1h - (c offset $__rate_interval) + increase(d[$__range])"), Is.EqualTo(["5m", "1h", "$__rate_interval", "$__range"]));

    [TestCase("llmkube_model_status{model=\"tiny\",namespace=\"team\",phase=\"Ready\",job=\"llmkube-controller\"}", null)]
    [TestCase("llmkube_model_status{model=\"tiny\",namespace=\"team\",phase=\"Cached\",job=\"llmkube-controller\"}", "phase=\"Cached\"")]
    [TestCase("llmkube_model_status{model=\"tiny\",phase=\"Ready\",job=\"llmkube-controller\"}", "lacks labels")]
    [TestCase("llmkube_model_status{model=\"tiny\",namespace=\"team\",phase=\"Ready\",node=\"n\",job=\"llmkube-controller\"}", "has no label node")]
    [TestCase("llmkube_inferenceservice_status{job=\"llmkube-controller\"}", "is in no recorded scrape")]
    [TestCase("up{model=\"tiny\",job=\"llmkube-controller\"}", "has no label model")]
    public void A_series_that_nobody_exposes_is_seen(string series, string? complaint) => Assert.That(
        RecordedScrape.ByJob["llmkube-controller"].Complaint(PromSeries.Parse(series)), complaint is null ? Is.Null : Does.Contain(complaint));
}
