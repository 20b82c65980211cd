using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.LocalCluster.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Clusters;

public class IdleTests
{
    [Test]
    public async Task Ten_idle_minutes_cost_no_request_but_watches_and_the_lease_whatever_foreign_pods_do()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await ApiServerHost.StartAsync(new ApiServerOptions { Time = clock });
        using var admin = new KubeOps.KubernetesClient.KubernetesClient(server.ClientConfiguration());
        for (var i = 0; i < 20; i++) await admin.CreateAsync(Pod($"ours-{i}", "ours"));
        await using var test = await TestOperator.StartAsync(
            server.ClientConfiguration(),
            settings: s => s.WithLeaderElection(LeaderElectionType.Single).WithNamespace("default"),
            compose: composition => composition.AddControllerWithLabelSelector<PodController, V1Pod, OurPods>(),
            clock: clock);
        await Eventually.IsTrueAsync(() => PodController.Runs >= 20, clock, TimeSpan.FromMilliseconds(10));

        var mark = server.Requests.Count;
        var end = clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        for (var foreign = 0; clock.GetUtcNow() < end; foreign++)
        {
            await admin.CreateAsync(Pod($"foreign-{foreign}", "foreign"));
            var renewals = server.Requests.CountOf(IsRenewal);
            await Eventually.IsTrueAsync(() => server.Requests.CountOf(IsRenewal) > renewals, clock, TimeSpan.FromMilliseconds(500));
        }

        var costs = server.Requests.Since(mark).Where(request => request is { Verb: not ("watch" or "create"), Resource: not "leases" });
        Assert.That(costs, Is.Empty);
        Assert.That(PodController.Runs, Is.EqualTo(20));
    }

    private static bool IsRenewal(RequestEntry request) => request is { Verb: "update", Resource: "leases" };

    private static V1Pod Pod(string name, string owner) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["whose"] = owner } },
        Spec = new() { Containers = [new() { Name = "c", Image = "i" }] },
    };

    private sealed class OurPods : IEntityLabelSelector<V1Pod>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("whose=ours");
    }

    private sealed class PodController : IEntityController<V1Pod>
    {
        private static int s_runs;

        public static int Runs => s_runs;

        public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref s_runs);
            return Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
        }

        public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
