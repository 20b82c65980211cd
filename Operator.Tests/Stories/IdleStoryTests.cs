using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>A settled cluster costs nothing, whatever others do in it. Counted at the server, which an external cluster doesn't let us.</summary>
public sealed class IdleStoryTests
{
    private const int Pairs = 200;

    // One node, since the services share a claim that one node can mount.
    private static readonly NodeSpec s_large = NodeSpec.Sized("node-1") with
    {
        Allocatable = new Dictionary<string, string> { ["cpu"] = "1000", ["memory"] = "4Ti", ["ephemeral-storage"] = "4Ti", ["pods"] = "1000" },
    };

    [Test]
    public async Task Ten_idle_minutes_beside_foreign_churn_cost_the_operator_no_request_but_its_lease()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("The requests of another API server can't be counted.");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = [s_large], Time = time });
        await cluster.StartOperatorAsync(new OperatorOptions { LeaderElect = true });
        await Parallel.ForAsync(0, Pairs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            await cluster.CreateModelAsync($"model-{i}");
            await cluster.CreateServiceAsync($"chat-{i}", $"model-{i}");
        });
        await AdvanceUntilAsync(cluster, time, AllReadyAsync);

        // Positions, event aggregation and retries have their last word within a minute.
        await AdvanceAsync(cluster, time, TimeSpan.FromMinutes(1));
        var mark = cluster.Server.Requests.Count;
        for (var minute = 0; minute < 10; minute++)
        {
            await ChurnAsync(cluster, minute);
            await AdvanceAsync(cluster, time, TimeSpan.FromMinutes(1));
        }

        var ours = cluster.Server.Requests.Since(mark).Where(IsOperators).ToList();
        Assert.That(ours.Where(r => r.Resource == "leases"), Is.Not.Empty, "the lease is renewed");
        Assert.That(
            ours.Where(r => r.Resource != "leases" && r.Verb != "watch").Select(r => $"{r.Verb} {r.Path}").Distinct(), Is.Empty);

        async Task<bool> AllReadyAsync() => (await cluster.AllServicesAsync()).Count(s => s.Status?.Phase == InferenceServicePhases.Ready) == Pairs;
    }

    private static bool IsOperators(RequestEntry request) => request.User == StoryCluster.OperatorUser;

    private static async Task ChurnAsync(StoryCluster cluster, int round)
    {
        for (var i = 0; i < 20; i++)
        {
            var name = $"foreign-{round}-{i}";
            await cluster.Client.CoreV1.CreateNamespacedPodAsync(
                new V1Pod
                {
                    Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["app"] = "foreign" } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "nginx:1" }] },
                },
                cluster.Namespace);
            if (i % 2 == 0) await cluster.Client.CoreV1.DeleteNamespacedPodAsync(name, cluster.Namespace, gracePeriodSeconds: 0);
        }
    }

    private static async Task AdvanceUntilAsync(StoryCluster cluster, FakeTimeProvider time, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4), TimeProvider.System);
        while (!await holds())
        {
            Assert.That(patience.IsCancellationRequested, Is.False, "the pairs never settled");
            await QuietAsync(cluster);
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task AdvanceAsync(StoryCluster cluster, FakeTimeProvider time, TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(5))
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await QuietAsync(cluster);
        }
    }

    // Until the server has not been asked for a moment: the parts have reacted to the clock.
    private static async Task QuietAsync(StoryCluster cluster)
    {
        for (var (quiet, seen) = (0, cluster.Server.Requests.Count); quiet < 3;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            var now = cluster.Server.Requests.Count;
            (quiet, seen) = (now == seen ? quiet + 1 : 0, now);
        }
    }
}
