using System.Net;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>What a collector gets when something goes wrong: which step, and what kind of failure, but not the words, which can quote what is secret.</summary>
public sealed class RefusalStoryTests
{
    private const string Secret = "passw0rd";

    [Test]
    public async Task A_write_that_fails_is_told_without_the_servers_words()
    {
        await using var collector = await Collector.StartAsync();
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        await using var proxy = await FaultProxy.StartAsync(cluster.OperatorConfiguration);
        proxy.Add(new Refused(
            r => r is { Verb: "patch", Resource: "deployments", Name: "chat" }, ProxyAnswer.Status(HttpStatusCode.InternalServerError, "InternalError", $"spec.args: Invalid value: \"--api-key={Secret}\"")));
        await using (await RunningOperator.StartAsync(
            proxy.ClientConfiguration(),
            new() { Namespace = cluster.Namespace },
            TimeProvider.System,
            environment: new Dictionary<string, string?> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"{collector.Grpc}", ["OTEL_BSP_SCHEDULE_DELAY"] = "50" }))
        {
            await cluster.CreateModelAsync("tiny");
            await cluster.CreateServiceAsync("chat");
            await collector.SeeAsync(spans => Failed(spans).Any(), "a reconcile that failed");
        }

        var spans = collector.Spans;
        var failed = Failed(spans).ToList();
        Assert.That(failed.Select(s => (s["llmkube.reconcile.result"], s.StatusMessage)), Is.All.EqualTo(("error", "the API server answered 500 InternalError")));
        var thrown = failed[0].Events.Single(e => e.Name == "exception").Attributes;
        Assert.That((thrown["exception.type"], thrown["exception.message"]), Is.EqualTo(("k8s.Autorest.HttpOperationException", "the API server answered 500 InternalError")));
        Assert.That(thrown["exception.stacktrace"], Does.StartWith("   at "));
        var step = spans.First(s => s.Name == "deployment.apply" && s.ParentId == failed[0].SpanId);
        Assert.That((step.Status, step["error.type"], step["llmkube.apply.result"]), Is.EqualTo((2, "500", "failed")));
        Assert.That(spans.SelectMany(s => s.Texts).Where(t => t.Contains(Secret, StringComparison.Ordinal)), Is.Empty);

        // Operators of other tests are heard as well.
        IEnumerable<ReceivedSpan> Failed(IReadOnlyList<ReceivedSpan> all) => all.Where(s => s.Kind == 5 && s.Status == 2 && s["k8s.namespace.name"] == cluster.Namespace);
    }
}
