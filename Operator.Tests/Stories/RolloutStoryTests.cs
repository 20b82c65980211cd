using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Pods that are replaced, and a Deployment that others write to as well.</summary>
[Parallelizable]
public sealed class RolloutStoryTests
{
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Ns => _cluster.Namespace;

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task With_all_GPUs_taken_a_rollout_takes_them_one_by_one_and_starts_the_next_one_as_ever()
    {
        await StartAsync(gpus: 2);
        await _cluster.CreateServiceAsync("chat", with: s => (s.Replicas, s.Resources) = (2, new InferenceResources { Gpu = 1 }));
        await ReadyAsync(2);
        Assert.That(await StrategyAsync(), Is.EqualTo("1/0"));

        await _cluster.PatchServiceAsync("chat", new { contextSize = 4096 });

        await Eventually.SeeAsync(StrategyAsync, s => s == "0/1", "an old pod makes room");
        await ReadyAsync(2);
        var pods = await PodsAsync();
        Assert.That(pods.Where(p => p.Metadata.DeletionTimestamp is null).Select(p => p.Spec.Containers[0].Args.Contains("4096")), Is.EqualTo(new[] { true, true }));
        await Eventually.SeeAsync(StrategyAsync, s => s == "1/0", "the next rollout starts with a new pod");
    }

    [Test]
    public async Task What_others_write_to_a_Deployment_survives_twenty_reconciles()
    {
        await StartAsync();
        await _cluster.CreateServiceAsync("chat");
        await ReadyAsync(1);
        var kubectl = new Kubectl(_cluster.Kubeconfig(_cluster.Folder), Ns);
        await kubectl.RunAsync("scale", "deployment/chat", "--replicas=3");
        await kubectl.RunAsync("rollout", "restart", "deployment/chat");
        await kubectl.RunAsync("annotate", "deployment/chat", "team.example/cost=42");
        await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(
            StoryCluster.Merge(new { spec = new { template = new { metadata = new { annotations = new Dictionary<string, string> { ["injector.example/done"] = "yes" } } } } }), "chat", Ns);

        await ReadyAsync(3);
        await ReconcileAsync(times: 20);

        var deployment = await DeploymentAsync();
        Assert.That(deployment.Spec.Replicas, Is.EqualTo(3), "what a hand has scaled stays so");
        Assert.That(deployment.Metadata.Annotations, Contains.Key("team.example/cost"));
        Assert.That(deployment.Spec.Template.Metadata.Annotations, Contains.Key("kubectl.kubernetes.io/restartedAt").And.ContainKey("injector.example/done"));
        var served = await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, DesiredReplicas: 3 });
        Assert.That(served.Conditions.Find(ConditionTypes.Progressing)!.Message, Does.Contain("3 of 3").And.Contain("as many as a hand has set"));

        await kubectl.RunAsync("scale", "isvc/chat", "--replicas=2");
        await ReadyAsync(2);
    }

    [Test]
    public async Task Replicas_of_an_autoscaler_are_its_own_until_the_service_is_stopped()
    {
        await StartAsync();
        await _cluster.CreateServiceAsync("chat");
        await ReadyAsync(1);

        await _cluster.Client.AppsV1.PatchNamespacedDeploymentScaleAsync(StoryCluster.Merge(new { spec = new { replicas = 3 } }), "chat", Ns, fieldManager: "kube-controller-manager");
        await ReadyAsync(3);
        await ReconcileAsync(times: 20);
        Assert.That((await DeploymentAsync()).Spec.Replicas, Is.EqualTo(3));

        // An API server that doesn't keep who has scaled leaves no autoscaler to be seen.
        var isSeen = (await DeploymentAsync()).Metadata.ManagedFields.Any(e => e.Subresource == "scale");
        await _cluster.PatchServiceAsync("chat", new { replicas = 2 });
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ObservedGeneration: 2 } && s.ReadyReplicas == (isSeen ? 3 : 2));

        await _cluster.PatchServiceAsync("chat", new { replicas = 0 });
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Stopped);
    }

    [Test]
    public async Task A_node_is_drained_though_a_claim_ties_all_pods_to_it()
    {
        await StartAsync(nodes: 2, options: new OperatorOptions { ModelCacheStorageClass = "shared" });
        await _cluster.CreateServiceAsync("chat", with: s => s.Replicas = 2);
        await ReadyAsync(2);
        var node = (await PodsAsync()).Select(p => p.Spec.NodeName).Distinct().Single();

        await new Kubectl(_cluster.Kubeconfig(_cluster.Folder), Ns).RunAsync("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s");

        await Eventually.SeeAsync(PodsAsync, pods => pods.Count == 2 && pods.All(p => p.Spec.NodeName is { } other && other != node), "they are elsewhere");
        await ReadyAsync(2);
    }

    private async Task StartAsync(int nodes = 1, int gpus = 0, OperatorOptions? options = null)
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(nodes, gpus) });
        _operator = await _cluster.StartOperatorAsync(options);
        await _cluster.CreateModelAsync("tiny");
    }

    private Task<InferenceServiceStatus> ReadyAsync(int replicas) =>
        _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready } && s.ReadyReplicas == replicas && s.DesiredReplicas == replicas);

    private Task<V1Deployment> DeploymentAsync() => _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns);

    private async Task<string> StrategyAsync() => (await DeploymentAsync()).Spec.Strategy.RollingUpdate is var rolling ? $"{rolling.MaxSurge.Value}/{rolling.MaxUnavailable.Value}" : "";

    private async Task<IList<V1Pod>> PodsAsync() => (await _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: $"{Labels.Service}=chat")).Items;

    // Each change of the Deployment is one.
    private async Task ReconcileAsync(int times)
    {
        var (before, n) = (await ReconcilesAsync(), 0);
        await Eventually.SeeAsync(
            async () =>
            {
                await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(StoryCluster.Merge(new { metadata = new { annotations = new Dictionary<string, string> { ["test/n"] = $"{n++}" } } }), "chat", Ns);
                return await ReconcilesAsync() - before;
            },
            done => done >= times,
            $"{times} reconciles");
    }

    private async Task<double> ReconcilesAsync() => RunningOperator.Reconciles(await _operator.MetricsAsync(), "inferenceservice");
}
