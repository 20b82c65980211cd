using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>A newer operator, or one with other options, over services that run.</summary>
[Parallelizable(ParallelScope.Children)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class UpgradeStoryTests
{
    private const string Mirror = "registry.example/mirror";
    private const string Newer = Mirror + "/llama.cpp:server";
    private static readonly string[] s_names = ["a", "b", "c", "d", "e"];
    private static readonly OperatorOptions s_before = new() { OperatorImage = "llmkube-operator:1" };
    private static readonly OperatorOptions s_after = s_before with { ServerImages = new() { Mirror = Mirror } };
    private static readonly PodRule s_loading = new() { Container = DeploymentBuilder.Container, LoadTime = TimeSpan.FromSeconds(1) };
    private static readonly PodRule s_failing = new() { Container = DeploymentBuilder.Container, Image = Newer, Times = 1, PullFailure = "manifest unknown" };

    private StoryCluster _cluster = null!;

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_newer_operator_that_wants_the_same_writes_nothing()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("The requests of another API server can't be counted.");
        var first = await StartAsync();
        await _cluster.StopOperatorAsync(first);
        var mark = _cluster.Server.Requests.Count;

        var second = await _cluster.StartOperatorAsync(s_before with { OperatorImage = "llmkube-operator:2" });
        await Eventually.SeeAsync(
            second.MetricsAsync,
            m => RunningOperator.Reconciles(m, "inferenceservice") >= s_names.Length && RunningOperator.IsIdle(m, "inferenceservice") && RunningOperator.IsIdle(m, "model"),
            "all have been looked at");

        Assert.That(
            _cluster.Server.Requests.Since(mark).Where(r => r.User == StoryCluster.OperatorUser && r.Verb is "create" or "update" or "patch" or "delete").Select(r => $"{r.Verb} {r.Path}"), Is.Empty);
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Pods_of_the_operators_own_wish_come_to_so_many_services_at_once(int bound)
    {
        var first = await StartAsync();
        await _cluster.StopOperatorAsync(first);
        _cluster.Rules.Add(s_loading);

        await _cluster.StartOperatorAsync(s_after with { MaxConcurrentUpgrades = bound });

        var most = 0;
        await Eventually.SeeAsync(
            async () =>
            {
                var all = await DeploymentsAsync();
                most = Math.Max(most, all.Count(d => !IsFinished(d)));
                return all;
            },
            all => all.All(d => IsNewer(d) && IsFinished(d)),
            "all have the newer pods");
        Assert.That(most, Is.EqualTo(bound));
        await NothingIsPendingAsync();
    }

    [Test]
    public async Task The_first_that_fails_stops_all_others_but_no_user()
    {
        var first = await StartAsync();
        await _cluster.StopOperatorAsync(first);
        _cluster.Rules.Add(s_loading);
        _cluster.Rules.Add(s_failing);

        await _cluster.StartOperatorAsync(s_after with { MaxConcurrentUpgrades = 2 });

        var services = await Eventually.SeeAsync(
            _cluster.AllServicesAsync,
            all => all.Count(s => PendingOf(s)?.Reason == Reasons.WaitingForTurn) == 3 && all.Count(s => PendingOf(s)?.Reason == Reasons.UpgradeFailed) == 1,
            "one fails, one has newer pods, three wait");
        Assert.That(services.Select(s => s.Status.Conditions.IsTrue(ConditionTypes.Available)), Is.All.True, "all of them serve");
        Assert.That(services.Single(s => PendingOf(s)?.Reason == Reasons.UpgradeFailed).Status.Conditions.Find(ConditionTypes.UpgradePending)!.Message, Does.Contain("all other services keep theirs"));
        await _cluster.EventsAsync(e => e.Items.Any(i => i.Reason == Reasons.UpgradeFailed), "an Event tells of it");
        await Eventually.SeeAsync(DeploymentsAsync, all => all.Count(d => IsNewer(d) && IsFinished(d)) == 1 && all.Count(IsNewer) == 2, "the other one of two goes on");

        var waiting = services.First(s => PendingOf(s)?.Reason == Reasons.WaitingForTurn).Metadata.Name;
        await _cluster.PatchServiceAsync(waiting, new { contextSize = 1024 });
        await _cluster.ServiceAsync(waiting, s => s is { Phase: InferenceServicePhases.Ready, ObservedGeneration: 2 } && s.Conditions.Find(ConditionTypes.UpgradePending) is null);
        Assert.That((await DeploymentsAsync()).Count(IsNewer), Is.EqualTo(3), "the user's has the newer pods, too; nobody else");

        _cluster.Rules.Remove(s_failing);
        await Eventually.SeeAsync(DeploymentsAsync, all => all.All(d => IsNewer(d) && IsFinished(d)), "all go on when it serves");
        await NothingIsPendingAsync();
    }

    private async Task<RunningOperator> StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        var running = await _cluster.StartOperatorAsync(s_before);
        await _cluster.CreateModelAsync("tiny");
        foreach (var name in s_names)
        {
            await _cluster.CreateServiceAsync(name, with: s => s.ModelCache = name == "e" ? new ModelCacheSpec { Persistence = CachePersistences.Ephemeral } : null);
        }

        await Eventually.SeeAsync(_cluster.AllServicesAsync, all => all.All(s => s.Status?.Phase == InferenceServicePhases.Ready), "all are Ready");
        await IdleAsync(running);
        return running;
    }

    private static Task<string> IdleAsync(RunningOperator running) =>
        Eventually.SeeAsync(running.MetricsAsync, m => RunningOperator.IsIdle(m, "inferenceservice") && RunningOperator.IsIdle(m, "model"), "it rests");

    private Task<IList<InferenceService>> NothingIsPendingAsync() =>
        Eventually.SeeAsync(_cluster.AllServicesAsync, all => all.All(s => s.Status is { Phase: InferenceServicePhases.Ready } && PendingOf(s) is null), "nothing is pending");

    private async Task<IList<V1Deployment>> DeploymentsAsync() => (await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(_cluster.Namespace)).Items;

    private static V1Condition? PendingOf(InferenceService service) => service.Status?.Conditions.Find(ConditionTypes.UpgradePending);

    private static bool IsNewer(V1Deployment deployment) => deployment.Spec.Template.Spec.Containers[0].Image == Newer;

    private static bool IsFinished(V1Deployment deployment) =>
        deployment.Status.ObservedGeneration == deployment.Metadata.Generation && deployment.Status is { Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1 };
}
