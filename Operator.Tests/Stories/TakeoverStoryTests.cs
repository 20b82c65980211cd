using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>A cluster in which the Go operator has worked before.</summary>
public sealed class TakeoverStoryTests
{
    private StoryCluster _cluster = null!;

    private string Ns => _cluster.Namespace;

    [SetUp]
    public async Task StartAsync() => _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task What_the_Go_operator_left_is_taken_over_whole()
    {
        var service = await _cluster.CreateServiceAsync("chat");
        await LeaveAsync(service);
        await _cluster.StartOperatorAsync();

        await _cluster.CreateModelAsync("tiny");

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        var deployment = await _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", Ns);
        var pod = deployment.Spec.Template.Spec;
        Assert.That(deployment.Spec.Selector.MatchLabels, Contains.Key(Labels.Model), "a selector can't be changed");
        Assert.That((pod.InitContainers, pod.SecurityContext?.FsGroup), Is.EqualTo(((IList<V1Container>?)null, (long?)FetchContainer.User)));
        Assert.That(pod.Volumes.Select(v => v.Name), Is.EqualTo(new[] { CacheLayout.VolumeName, Scratch.VolumeName }));
        Assert.That(pod.Containers.Single().VolumeMounts.Select(m => m.MountPath), Is.EqualTo(new[] { CacheDefaults.MountPath, "/tmp" }));
        Assert.That((await _cluster.Client.CoreV1.ReadNamespacedServiceAsync("chat", Ns)).Spec.Ports.Select(p => p.Port), Is.EqualTo(new[] { 8080 }));
    }

    [Test]
    public async Task A_cache_and_what_is_served_from_it_are_adopted_and_nothing_is_made_twice()
    {
        var (model, service) = (await _cluster.CreateModelAsync("tiny"), await _cluster.CreateServiceAsync("chat"));
        var claim = await _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(GoOperators.Claim(), Ns, fieldManager: GoOperators.Manager);
        var (deployment, endpoint) = await LeaveAsync(service, model);
        await _cluster.Client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            StoryCluster.Merge(new { status = GoOperators.StatusOf(model) }), ApiGroup.Name, ApiGroup.Version, Ns, Model.KubePluralName, "tiny");
        var proof = Fetches.Succeed with { UntilRemoved = true };
        _cluster.Rules.Add(proof);

        await _cluster.StartOperatorAsync();

        await _cluster.JobsAsync(jobs => jobs.Items.Count == 1, "what no fetch of ours has left is proved");
        _cluster.Rules.Remove(proof);
        var ready = await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ObservedGeneration: 1 });
        Assert.That(ready.Metadata.Finalizers, Is.EqualTo(new[] { "inference.llmkube.dev/modelcachefinalizer" }));
        Assert.That(ready.Status.CacheClaimUid, Is.EqualTo(claim.Metadata.Uid));
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "it is proved once");
        Assert.That(await NamesAndUidsAsync(), Is.EqualTo(new[] { ("chat", deployment.Metadata.Uid), ("chat", endpoint.Metadata.Uid), (CacheDefaults.ClaimName, claim.Metadata.Uid) }));
        var pods = await Eventually.SeeAsync(() => _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: Labels.Service), l => l.Items.Count == 1, "the old pod is gone");
        Assert.That(pods.Items.Single().Metadata.Labels, Contains.Key(Labels.Managed), "what serves is a pod of ours");
    }

    [Test]
    public async Task Services_are_taken_over_one_after_another()
    {
        var model = await _cluster.CreateModelAsync("tiny");
        await _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(GoOperators.Claim(), Ns, fieldManager: GoOperators.Manager);
        foreach (var name in new[] { "a", "b", "c" }) await LeaveAsync(await _cluster.CreateServiceAsync(name), model);
        await Eventually.SeeAsync(DeploymentsAsync, all => all.All(d => d.Status.ReadyReplicas == 1), "all serve");

        await _cluster.StartOperatorAsync();

        var most = 0;
        await Eventually.SeeAsync(
            async () =>
            {
                var all = await DeploymentsAsync();
                most = Math.Max(most, all.Count(d => UpgradeTurn.Of(d) is not null));
                return all;
            },
            all => all.All(d => d.Spec.Template.Metadata.IsManaged() && UpgradeTurn.Of(d) is null && d.Status is { UpdatedReplicas: 1, Replicas: 1, ReadyReplicas: 1 }),
            "all have pods of ours");
        Assert.That(most, Is.EqualTo(1));
    }

    private async Task<IList<V1Deployment>> DeploymentsAsync() => (await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items;

    private async Task<(V1Deployment, V1Service)> LeaveAsync(InferenceService service, Model? cached = null)
    {
        var endpoint = await _cluster.Client.CoreV1.CreateNamespacedServiceAsync(GoOperators.Service(service, port: 8000), Ns, fieldManager: GoOperators.Manager);
        return (await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(GoOperators.Deployment(service, cached), Ns, fieldManager: GoOperators.Manager), endpoint);
    }

    // All Deployments, Services and claims of the namespace, each of which carries our label by now.
    private async Task<IEnumerable<(string, string)>> NamesAndUidsAsync()
    {
        IKubernetesObject<V1ObjectMeta>[] all =
        [
            .. (await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items,
            .. (await _cluster.Client.CoreV1.ListNamespacedServiceAsync(Ns)).Items,
            .. (await _cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(Ns)).Items,
        ];
        Assert.That(all.Select(o => o.Metadata.IsManaged()), Has.All.True);
        return all.Select(o => (o.Metadata.Name, o.Metadata.Uid));
    }
}
