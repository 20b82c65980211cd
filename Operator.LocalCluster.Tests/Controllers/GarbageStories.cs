using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class GarbageStories
{
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [TestCase("Background")]
    [TestCase("Foreground")]
    public async Task What_an_object_owns_goes_with_it(string propagation)
    {
        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(Build.Deployment("web", 2), _cluster.Namespace);
        await _cluster.UntilAsync("pods are there", async () => (await _cluster.PodsAsync()).Count == 2);
        await _cluster.Client.AppsV1.DeleteNamespacedDeploymentAsync("web", _cluster.Namespace, propagationPolicy: propagation);
        await _cluster.UntilAsync("all is gone", async () => (await _cluster.PodsAsync()).Count == 0
            && !(await _cluster.Client.AppsV1.ListNamespacedReplicaSetAsync(_cluster.Namespace)).Items.Any()
            && !(await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(_cluster.Namespace)).Items.Any());
    }

    [Test]
    public async Task An_owner_deleted_in_the_foreground_waits_for_what_blocks_it()
    {
        var owner = await MapAsync("owner");
        await MapAsync("blocking", finalizer: "example.com/hold", blocks: true, owners: [owner]);
        await _cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("owner", _cluster.Namespace, propagationPolicy: "Foreground");
        await _cluster.UntilAsync("the dependent is being deleted", async () => (await GetAsync("blocking"))!.Metadata.DeletionTimestamp is not null);
        Assert.That((await GetAsync("owner"))!.Metadata.Finalizers, Is.EqualTo(new[] { "foregroundDeletion" }));

        await _cluster.Client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "blocking", _cluster.Namespace);
        await _cluster.UntilAsync("both are gone", async () => await GetAsync("owner") is null && await GetAsync("blocking") is null);
    }

    [Test]
    public async Task A_dependent_with_two_owners_stays_until_the_second_is_gone()
    {
        var (first, second) = (await MapAsync("first"), await MapAsync("second"));
        await MapAsync("shared", owners: [first, second]);
        await _cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("first", _cluster.Namespace);
        await _cluster.UntilAsync("it has one owner", async () => (await GetAsync("shared"))?.Metadata.OwnerReferences is [{ Name: "second" }]);
        await _cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("second", _cluster.Namespace);
        await _cluster.UntilAsync("it is gone", async () => await GetAsync("shared") is null);
    }

    [Test]
    public async Task An_object_born_with_a_dead_owner_goes()
    {
        var owner = await MapAsync("owner");
        owner.Metadata.Uid = Guid.NewGuid().ToString();
        await MapAsync("orphan", owners: [owner]);
        await _cluster.UntilAsync("it is gone", async () => await GetAsync("orphan") is null);
        Assert.That(await GetAsync("owner"), Is.Not.Null);
    }

    [Test]
    public async Task A_deleted_namespace_is_emptied_and_goes()
    {
        var name = _cluster.Namespace + "-x";
        await _cluster.Client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = name } });
        await _cluster.UntilAsync("it has its service account", async () => (await _cluster.Client.CoreV1.ListNamespacedServiceAccountAsync(name)).Items is [{ Metadata.Name: "default" }]);
        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(Build.Deployment("web", 2), name);
        await _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(Build.Claim("data"), name);
        await _cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "held", Finalizers = ["example.com/hold"] } }, name);
        await _cluster.UntilAsync("pods are there", async () => (await _cluster.Client.CoreV1.ListNamespacedPodAsync(name)).Items.Count == 2);

        await _cluster.Client.CoreV1.DeleteNamespaceAsync(name);
        await _cluster.AdvanceUntilAsync("only the held object is left", async () =>
            (await _cluster.Client.CoreV1.ListNamespacedPodAsync(name)).Items.Count == 0
            && (await _cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(name)).Items.Count == 0
            && (await _cluster.Client.CoreV1.ReadNamespaceAsync(name)).Status.Conditions?.Any(c => c is { Type: "NamespaceFinalizersRemaining", Status: "True" }) == true,
            TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
        await _cluster.Client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "held", name);
        await _cluster.AdvanceUntilAsync("the namespace is gone", async () => (await _cluster.Client.CoreV1.ListNamespaceAsync()).Items.All(n => n.Metadata.Name != name),
            TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
    }

    private async Task<V1ConfigMap> MapAsync(string name, string? finalizer = null, bool blocks = false, params V1ConfigMap[] owners) =>
        await _cluster.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new()
            {
                Metadata = new()
                {
                    Name = name,
                    Finalizers = finalizer is null ? null : [finalizer],
                    OwnerReferences = [.. owners.Select(o => new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = o.Metadata.Name, Uid = o.Metadata.Uid, BlockOwnerDeletion = blocks })],
                },
            },
            _cluster.Namespace);

    private async Task<V1ConfigMap?> GetAsync(string name) =>
        (await _cluster.Client.CoreV1.ListNamespacedConfigMapAsync(_cluster.Namespace)).Items.FirstOrDefault(m => m.Metadata.Name == name);
}
