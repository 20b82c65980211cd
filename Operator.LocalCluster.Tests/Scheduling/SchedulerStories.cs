using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Scheduling;

public sealed class SchedulerStories
{
    private const string NoGpu =
        "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.";

    private TestCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync([.. NodeSpec.Many(2, gpus: 1)]);

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task Pods_wait_for_a_gpu_and_the_most_important_gets_the_one_that_is_freed()
    {
        await PodAsync("a", Build.Gpus(1));
        await PodAsync("b", Build.Gpus(1));
        await _cluster.UntilAsync("both run", async () => (await PodsAsync(p => p.Status?.Phase == "Running")).Count == 2);
        await PodAsync("low", Build.Gpus(1));
        await WaitsAsync("low");
        var high = await PriorityClassAsync("high", 100, "Never");
        await PodAsync("high", p => { Build.Gpus(1)(p); p.PriorityClassName = high; });
        await WaitsAsync("high", "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. preemption: not eligible due to preemptionPolicy=Never.");

        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("a", _cluster.Namespace);
        await _cluster.UntilAsync("the important one runs", async () => (await GetAsync("high"))?.Status?.Phase == "Running");
        Assert.That((await GetAsync("low"))!.Spec.NodeName, Is.Null.Or.Empty);
        await _cluster.Client.CoreV1.DeleteNamespacedPodAsync("b", _cluster.Namespace);
        await _cluster.UntilAsync("then the other", async () => (await GetAsync("low"))?.Status?.Phase == "Running");
        await _cluster.Client.SchedulingV1.DeletePriorityClassAsync(high);
    }

    [Test]
    public async Task A_more_important_pod_drives_a_lesser_one_out()
    {
        var high = await PriorityClassAsync("vip", 1000, "PreemptLowerPriority");
        await PodAsync("a", Build.Gpus(1));
        await PodAsync("b", Build.Gpus(1));
        await _cluster.UntilAsync("both run", async () => (await PodsAsync(p => p.Status?.Phase == "Running")).Count == 2);
        await PodAsync("vip", p => { Build.Gpus(1)(p); p.PriorityClassName = high; });
        await _cluster.UntilAsync("it runs in the place of one of them", async () => (await PodsAsync(_ => true)) is { Count: 2 } left && left.Any(p => p.Metadata.Name == "vip" && p.Status?.Phase == "Running"));
        await _cluster.Client.SchedulingV1.DeletePriorityClassAsync(high);
    }

    [Test]
    public async Task A_new_node_takes_those_who_wait()
    {
        await PodAsync("large", Build.Gpus(2));
        await WaitsAsync("large");
        _cluster.Fleet.Put(NodeSpec.Sized("node-9", gpus: 4));
        await _cluster.UntilAsync("it runs there", async () => await GetAsync("large") is { Spec.NodeName: "node-9", Status.Phase: "Running" });
        _cluster.Fleet.Remove("node-9");
        await _cluster.UntilAsync("its pod goes with it", async () => await GetAsync("large") is null);
    }

    [Test]
    public async Task A_taint_that_is_lifted_lets_pods_in()
    {
        foreach (var name in _cluster.Fleet.Names) _cluster.Fleet.Put(NodeSpec.Sized(name, 1) with { Taints = [new() { Key = "maintenance", Value = "now", Effect = "NoSchedule" }] });
        await _cluster.UntilAsync("all are tainted", async () => (await _cluster.Client.CoreV1.ListNodeAsync()).Items.All(n => n.Spec.Taints?.Count > 0));
        await PodAsync("a", _ => { });
        await WaitsAsync("a", "0/2 nodes are available: 2 node(s) had untolerated taint {maintenance: now}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
        _cluster.Fleet.Put(NodeSpec.Sized("node-1", 1));
        await _cluster.UntilAsync("it runs", async () => (await GetAsync("a"))?.Status?.Phase == "Running");
    }

    private async Task<string> PriorityClassAsync(string name, int value, string policy)
    {
        var full = $"{_cluster.Namespace}-{name}";
        await _cluster.Client.SchedulingV1.CreatePriorityClassAsync(new() { Metadata = new() { Name = full }, Value = value, PreemptionPolicy = policy });
        return full;
    }

    private Task PodAsync(string name, Action<V1PodSpec> change) => _cluster.Client.CoreV1.CreateNamespacedPodAsync(Build.Pod(name, change), _cluster.Namespace);

    private async Task<List<V1Pod>> PodsAsync(Func<V1Pod, bool> which) => [.. (await _cluster.PodsAsync()).Where(which)];

    private async Task<V1Pod?> GetAsync(string name) => (await _cluster.PodsAsync()).FirstOrDefault(p => p.Metadata.Name == name);

    private Task WaitsAsync(string name, string message = NoGpu) => _cluster.UntilAsync($"{name} waits and says why", async () =>
        (await GetAsync(name))?.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled") is { Status: "False", Reason: "Unschedulable" } c && c.Message == message);
}
