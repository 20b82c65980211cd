using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Stories;
using LlmKube.Operator.Tests.Tracing;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>The leader is told to stop (SIGTERM) while it has much to do.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ShutdownFaultTests
{
    private const string Lease = "llmkube-operator-leader";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Fifty_reconciles_and_a_download_that_are_under_way_are_ended_and_their_spans_sent_before_the_exit()
    {
        var fleet = new Fleet(2, 25);
        var faultFree = await FaultFree.StateAsync(fleet);
        await using var collector = await Collector.StartAsync();
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();

        // Spans are sent in an hour, or when the program ends.
        (string, string?)[] environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Grpc}"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")];
        using var program = world.StartProgram(proxy, environment, "--leader-elect", "--workers=50");
        var reading = proxy.Add(new Held(r => r is { Resource: "pods", Subresource: "log" }));
        world.Cluster.Rules.Add(Fetches.Endless with { Times = 1 });
        await world.Cluster.CreateModelAsync("endless");
        await reading.HappenedAsync();
        var applying = proxy.Add(new Held(r => r is { Verb: "patch", Resource: "deployments" }));
        await fleet.CreateAsync(world.Cluster);
        await applying.HappenedAsync(50);

        var start = TimeProvider.System.GetTimestamp();
        await program.SignalAsync("TERM");
        await StoppingAsync(program);
        Assert.That(proxy.Requests.CountOf(IsApply), Is.Zero, "they are under way");
        applying.Release();
        Assert.That(await program.ExitAsync(), Is.Zero);
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(s_patience));
        Unobserved.AssertNone(program);
        Assert.That(await HolderAsync(world.Cluster), Is.Empty, "the lease is free");
        Assert.That(Applied(collector), Is.EquivalentTo(fleet.ServiceNames));
        Assert.That(proxy.Requests.CountOf(IsApply), Is.EqualTo(50));

        var next = await world.StartOperatorAsync(new OperatorOptions { LeaderElect = true });
        await world.Cluster.DeleteModelAsync("endless");
        await Eventually.SeeAsync(world.Cluster.AllModelsAsync, all => all.Count == fleet.Models, "the Model whose fetch never ends is gone");
        await Oracles.HoldAsync(fleet, world, next, faultFree);
    }

    private static bool IsApply(RequestEntry request) => request is { Verb: "patch", Resource: "deployments", StatusCode: < 300 };

    private static Task StoppingAsync(ProgramProcess program) => Eventually.SeeAsync(
        () => Task.FromResult<IReadOnlyList<string>>([.. program.Output]), lines => lines.Any(l => l.Contains("no more work is taken", StringComparison.Ordinal)), "it stops");

    /// <summary>The services whose Deployment was applied, as their spans tell.</summary>
    private static List<string?> Applied(Collector collector)
    {
        var applies = collector.Spans.Where(s => s.Name == "deployment.apply").Select(s => s.ParentId).ToHashSet();
        return [.. collector.Spans.Where(s => applies.Contains(s.SpanId)).Select(s => s["llmkube.inferenceservice.name"])];
    }

    private static async Task<string> HolderAsync(StoryCluster cluster) =>
        (await cluster.Client.CoordinationV1.ReadNamespacedLeaseAsync(Lease, cluster.Namespace)).Spec.HolderIdentity ?? "";
}
