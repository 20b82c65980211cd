using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class DeploymentStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_deployment_comes_up_scales_and_rolls_over()
    {
        await CreateAsync(Build.Deployment("web", 3));
        await ReadyAsync("web", 3);
        var deployment = await GetAsync("web");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(deployment.Metadata.Annotations["deployment.kubernetes.io/revision"], Is.EqualTo("1"));
            Assert.That(Condition(deployment, "Available"), Is.EqualTo(("True", "MinimumReplicasAvailable")));
            Assert.That(Condition(deployment, "Progressing"), Is.EqualTo(("True", "NewReplicaSetAvailable")));
        }

        await PatchAsync("web", """{"spec":{"replicas":5}}""");
        await ReadyAsync("web", 5);
        await PatchAsync("web", """{"spec":{"replicas":2}}""");
        await ReadyAsync("web", 2);
        Assert.That(await SetsAsync(), Has.Count.EqualTo(1), "scaling rolls nothing");

        var before = (await _cluster.PodsAsync()).Select(p => p.Metadata.Name).ToList();
        await PatchAsync("web", """{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}""");
        await _cluster.UntilAsync("new pods have replaced the old", async () =>
            (await _cluster.PodsAsync()) is var pods && pods.Count == 2 && !pods.Any(p => before.Contains(p.Metadata.Name)));
        await ReadyAsync("web", 2);
        Assert.That((await GetAsync("web")).Metadata.Annotations["deployment.kubernetes.io/revision"], Is.EqualTo("2"));
        Assert.That((await SetsAsync()).Select(s => s.Spec.Replicas), Is.EquivalentTo(new[] { 0, 2 }));
    }

    [Test]
    public async Task Going_back_to_an_old_template_takes_its_replica_set_again()
    {
        await CreateAsync(Build.Deployment("web", 1));
        await ReadyAsync("web", 1);
        await PatchAsync("web", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}""");
        await RevisionAsync("2");
        await PatchAsync("web", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:1"}]}}}}""");
        await RevisionAsync("3");
        Assert.That(await SetsAsync(), Has.Count.EqualTo(2));

        Task RevisionAsync(string revision) => _cluster.UntilAsync($"revision {revision} is ready", async () =>
            await GetAsync("web") is var d && d.Metadata.Annotations["deployment.kubernetes.io/revision"] == revision && IsReady(d, 1));
    }

    [Test]
    public async Task Old_pods_stay_until_new_ones_are_ready()
    {
        await CreateAsync(Build.Deployment("web", 2, s => s.Strategy = new() { RollingUpdate = new() { MaxSurge = "1", MaxUnavailable = "0" } }));
        await ReadyAsync("web", 2);
        _cluster.Rules.Add(new PodRule { Image = "web:2", LoadTime = TimeSpan.FromMinutes(2) });
        await PatchAsync("web", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}""");
        await _cluster.UntilAsync("a new pod loads beside the old", async () => (await _cluster.PodsAsync()) is var pods && pods.Count == 3 && pods.Count(IsReady) == 2);
        await _cluster.AdvanceUntilAsync("all are new", async () =>
        {
            var pods = await _cluster.PodsAsync();
            Assert.That(pods.Count(IsReady), Is.GreaterThanOrEqualTo(2), "available");
            Assert.That(pods, Has.Count.LessThanOrEqualTo(4), "surge, and one on its way out");
            return pods.Count == 2 && pods.All(p => p.Spec.Containers[0].Image == "web:2" && IsReady(p));
        }, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10));
    }

    [Test]
    public async Task Recreate_ends_the_old_pods_before_it_starts_new_ones()
    {
        _cluster.Rules.Add(new PodRule { StopDelay = TimeSpan.FromSeconds(10) });
        await CreateAsync(Build.Deployment("web", 1, s => s.Strategy = new() { Type = "Recreate" }));
        await ReadyAsync("web", 1);
        await PatchAsync("web", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}""");
        await _cluster.AdvanceUntilAsync("the new pod is there", async () =>
        {
            var pods = await _cluster.PodsAsync();
            Assert.That(pods, Has.Count.LessThanOrEqualTo(1));
            return pods is [var only] && only.Spec.Containers[0].Image == "web:2" && IsReady(only);
        }, Second, TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task A_rollout_that_stands_still_says_so_and_recovers()
    {
        var broken = new PodRule { Image = "web:*", PullFailure = "not found" };
        _cluster.Rules.Add(broken);
        await CreateAsync(Build.Deployment("web", 1, s => s.ProgressDeadlineSeconds = 60));
        await _cluster.AdvanceUntilAsync("the deadline strikes", async () => Condition(await GetAsync("web"), "Progressing") == ("False", "ProgressDeadlineExceeded"), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3));
        var deployment = await GetAsync("web");
        Assert.That(Condition(deployment, "Available"), Is.EqualTo(("False", "MinimumReplicasUnavailable")));
        Assert.That((await _cluster.PodsAsync())[0].Status.ContainerStatuses[0].State.Waiting.Reason, Is.AnyOf("ErrImagePull", "ImagePullBackOff"));

        _cluster.Rules.Remove(broken);
        await _cluster.UntilAsync("it recovers", async () => Condition(await GetAsync("web"), "Progressing") == ("True", "NewReplicaSetAvailable"));
    }

    [Test]
    public async Task Pods_count_as_available_when_they_have_been_ready_long_enough()
    {
        await CreateAsync(Build.Deployment("web", 1, s => s.MinReadySeconds = 30));
        await _cluster.UntilAsync("ready", async () => (await GetAsync("web")).Status?.ReadyReplicas == 1);
        Assert.That((await GetAsync("web")).Status.AvailableReplicas, Is.Null);
        await _cluster.AdvanceUntilAsync("available", async () => (await GetAsync("web")).Status?.AvailableReplicas == 1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task A_refused_template_is_told_in_a_condition()
    {
        if (TestCluster.IsExternal) Assert.Ignore("needs an API server that refuses an unknown priority class");
        await CreateAsync(Build.Deployment("web", 1, s => s.Template.Spec.PriorityClassName = "missing"));
        await _cluster.UntilAsync("the refusal is told", async () => Condition(await GetAsync("web"), "ReplicaFailure") == ("True", "FailedCreate"));
        Assert.That((await GetAsync("web")).Status.Conditions.First(c => c.Type == "ReplicaFailure").Message, Does.Contain("missing"));
    }

    [Test]
    public async Task Pods_left_behind_are_adopted_again()
    {
        await CreateAsync(Build.Deployment("web", 2));
        await ReadyAsync("web", 2);
        var before = (await _cluster.PodsAsync()).Select(p => p.Metadata.Uid).ToList();
        await _cluster.Client.AppsV1.DeleteNamespacedDeploymentAsync("web", _cluster.Namespace, propagationPolicy: "Orphan");
        await _cluster.UntilAsync("its set is ownerless", async () => (await SetsAsync()) is [{ Metadata.OwnerReferences: null or { Count: 0 } }]
            && !(await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(_cluster.Namespace)).Items.Any());
        await CreateAsync(Build.Deployment("web", 2));
        await ReadyAsync("web", 2);
        Assert.That((await _cluster.PodsAsync()).Select(p => p.Metadata.Uid), Is.EquivalentTo(before));
    }

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true && pod.Metadata.DeletionTimestamp is null;

    private static bool IsReady(V1Deployment deployment, int replicas) => deployment.Status is { } s && s.ObservedGeneration == deployment.Metadata.Generation
        && s.UpdatedReplicas == replicas && s.ReadyReplicas == replicas && s.AvailableReplicas == replicas && s.Replicas == replicas && s.UnavailableReplicas is null or 0;

    private static (string?, string?) Condition(V1Deployment deployment, string type) =>
        deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == type) is { } c ? (c.Status, c.Reason) : (null, null);

    private Task CreateAsync(V1Deployment deployment) => _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(deployment, _cluster.Namespace);

    private Task<V1Deployment> GetAsync(string name) => _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync(name, _cluster.Namespace);

    private Task PatchAsync(string name, string patch) =>
        _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), name, _cluster.Namespace);

    private async Task<IList<V1ReplicaSet>> SetsAsync() => (await _cluster.Client.AppsV1.ListNamespacedReplicaSetAsync(_cluster.Namespace)).Items;

    private Task ReadyAsync(string name, int replicas) => _cluster.UntilAsync($"{replicas} replicas are ready", async () => IsReady(await GetAsync(name), replicas));
}
