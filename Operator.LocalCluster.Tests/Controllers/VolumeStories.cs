using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class VolumeStories
{
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync([.. NodeSpec.Many(3)]);

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_claim_waits_for_its_first_consumer_and_then_holds_all_others_to_its_node()
    {
        await ClaimAsync("data");
        await _cluster.UntilAsync("it waits", async () => await GetAsync("data") is { Status.Phase: "Pending", Spec.VolumeName: null });
        await PodAsync("first", p => { Build.Using("data")(p); p.NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = "node-2" }; });
        await RunningAsync("first");
        var claim = await GetAsync("data");
        var volume = await _cluster.Client.CoreV1.ReadPersistentVolumeAsync(claim.Spec.VolumeName);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(claim.Status.Phase, Is.EqualTo("Bound"));
            Assert.That(volume.Spec.StorageClassName, Is.EqualTo("standard"), "the default class");
            Assert.That(volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values, Is.EqualTo(new[] { "node-2" }));
            Assert.That(volume.Status.Phase, Is.EqualTo("Bound"));
        }

        await PodAsync("second", Build.Using("data"));
        Assert.That((await RunningAsync("second")).Spec.NodeName, Is.EqualTo("node-2"));
        await PodAsync("elsewhere", p => { Build.Using("data")(p); p.NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = "node-1" }; });
        await _cluster.UntilAsync("a pod bound to another node fits nowhere", async () => (await _cluster.PodsAsync()).First(p => p.Metadata.Name == "elsewhere").Status?.Conditions?
            .FirstOrDefault(c => c.Type == "PodScheduled")?.Message?.Contains("1 node(s) didn't match PersistentVolume's node affinity, 2 node(s) didn't match Pod's node affinity/selector") == true);
    }

    [Test]
    public async Task A_claim_in_use_is_not_let_go_and_its_volume_goes_with_it()
    {
        await ClaimAsync("data");
        await PodAsync("user", Build.Using("data"));
        await RunningAsync("user");
        var volume = (await GetAsync("data")).Spec.VolumeName;
        await _cluster.Client.CoreV1.DeleteNamespacedPersistentVolumeClaimAsync("data", _cluster.Namespace);
        await _cluster.UntilAsync("it is held", async () => (await GetAsync("data")).Metadata is { DeletionTimestamp: not null, Finalizers: ["kubernetes.io/pvc-protection"] });
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("user", _cluster.Namespace);
        // A write that lost a race is tried again by the clock.
        await _cluster.AdvanceUntilAsync(
            "claim and volume are gone",
            async () => !(await _cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(_cluster.Namespace)).Items.Any()
                && (await _cluster.Client.CoreV1.ListPersistentVolumeAsync()).Items.All(v => v.Metadata.Name != volume),
            TimeSpan.FromSeconds(1),
            TimeSpan.FromMinutes(2));
    }

    [Test]
    public async Task A_disk_that_is_reachable_from_everywhere_is_attached_to_one_node_at_a_time()
    {
        await ClaimAsync("disk", "shared");
        await _cluster.UntilAsync("it is bound at once", async () => (await GetAsync("disk")).Status?.Phase == "Bound");
        await PodAsync("first", OnNode("node-1"));
        await RunningAsync("first");
        await PodAsync("second", OnNode("node-2"));
        await _cluster.UntilAsync("the second waits for it", async () => (await PodAsync("second")) is { Spec.NodeName: "node-2", Status.ContainerStatuses: [{ State.Waiting.Reason: "ContainerCreating" }] });
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("first", _cluster.Namespace);
        await RunningAsync("second");

        static Action<V1PodSpec> OnNode(string node) => p => { Build.Using("disk")(p); p.NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = node }; };
    }

    [Test]
    public async Task A_shared_claim_serves_pods_on_all_nodes()
    {
        await ClaimAsync("models", "standard", "ReadWriteMany");
        await PodAsync("first", OnNode("node-1"));
        await PodAsync("second", OnNode("node-2"));
        await RunningAsync("first");
        await RunningAsync("second");

        static Action<V1PodSpec> OnNode(string node) => p => { Build.Using("models")(p); p.NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = node }; };
    }

    [Test]
    public async Task A_pod_without_its_claim_says_so_and_goes_on_when_it_comes()
    {
        await PodAsync("early", Build.Using("late"));
        await _cluster.UntilAsync("it says what is missing", async () => (await PodAsync("early"))?.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled")?.Message
            == "0/3 nodes are available: persistentvolumeclaim \"late\" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
        await ClaimAsync("late");
        await RunningAsync("early");
    }

    [Test]
    public async Task A_volume_made_by_hand_serves_the_claim_it_fits()
    {
        var name = _cluster.Namespace + "-disk";
        await _cluster.Client.CoreV1.CreatePersistentVolumeAsync(new()
        {
            Metadata = new() { Name = name },
            Spec = new()
            {
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new("5Gi") },
                AccessModes = ["ReadWriteOnce"],
                StorageClassName = name,
                PersistentVolumeReclaimPolicy = "Retain",
                HostPath = new() { Path = "/disk" },
            },
        });
        await _cluster.UntilAsync("it is free", async () => (await _cluster.Client.CoreV1.ReadPersistentVolumeAsync(name)).Status?.Phase == "Available");
        await ClaimAsync("data", name);
        await _cluster.UntilAsync("it is taken", async () => await GetAsync("data") is { Status.Phase: "Bound" } c && c.Spec.VolumeName == name);
        await _cluster.Client.CoreV1.DeleteNamespacedPersistentVolumeClaimAsync("data", _cluster.Namespace);
        // A write that lost a race is tried again by the clock.
        await _cluster.AdvanceUntilAsync(
            "it is kept",
            async () => (await _cluster.Client.CoreV1.ReadPersistentVolumeAsync(name)).Status?.Phase == "Released",
            TimeSpan.FromSeconds(1),
            TimeSpan.FromMinutes(2));
        await _cluster.Client.CoreV1.DeletePersistentVolumeAsync(name);
    }

    private Task ClaimAsync(string name, string? storageClass = null, string mode = "ReadWriteOnce") =>
        _cluster.Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(Build.Claim(name, storageClass, mode), _cluster.Namespace);

    private Task<V1PersistentVolumeClaim> GetAsync(string name) => _cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(name, _cluster.Namespace);

    private Task PodAsync(string name, Action<V1PodSpec> change) => _cluster.Client.CoreV1.CreateNamespacedPodAsync(Build.Pod(name, change), _cluster.Namespace);

    private async Task<V1Pod?> PodAsync(string name) => (await _cluster.PodsAsync()).FirstOrDefault(p => p.Metadata.Name == name);

    private async Task<V1Pod> RunningAsync(string name)
    {
        await _cluster.UntilAsync($"{name} runs", async () => (await PodAsync(name))?.Status?.Phase == "Running");
        return (await PodAsync(name))!;
    }
}
