using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Services that wait for GPUs, as a scheduler leaves them waiting.</summary>
public sealed class QueueStoryTests
{
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
    }

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task Three_of_mixed_priority_wait_and_the_middle_one_leaves()
    {
        foreach (var priority in new[] { Priorities.Batch, Priorities.Low, Priorities.Normal }) await CreateAsync(priority, priority);
        var pods = await Eventually.SeeAsync(
            async () => (await _cluster.Client.CoreV1.ListNamespacedPodAsync(_cluster.Namespace, labelSelector: Labels.Service)).Items, l => l.Count == 3, "each has a pod");
        if (pods.Any(p => p.Spec.Priority is null)) Assert.Ignore("This API server doesn't resolve priority classes.");

        var top = await _cluster.ServiceAsync(Priorities.Normal, s => s is { Phase: InferenceServicePhases.WaitingForGPU, QueuePosition: 1 });
        Assert.That((top.WaitingFor, top.EffectivePriority, top.SchedulingStatus), Is.EqualTo(("nvidia.com/gpu: 1", 10_000, "InsufficientGPU")));
        Assert.That(top.SchedulingMessage, Is.EqualTo("0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."));
        Assert.That(top.Conditions.Find(ConditionTypes.GPUAvailable)?.Status, Is.EqualTo("False"));
        await PlaceAsync(Priorities.Low, 2);
        await PlaceAsync(Priorities.Batch, 3);
        Assert.That(await _operator.MetricsAsync(), Does.Contain("llmkube_gpu_queue_depth 3"));

        await _cluster.DeleteServiceAsync(Priorities.Low);

        await PlaceAsync(Priorities.Batch, 2);
        await PlaceAsync(Priorities.Normal, 1);
    }

    [Test]
    public async Task A_GPU_that_comes_goes_to_the_first_and_its_wait_is_over()
    {
        await CreateAsync("second", Priorities.Low);
        await CreateAsync("first", Priorities.High);
        await PlaceAsync("first", 1);
        await PlaceAsync("second", 2);

        // Where the cache is: the claim of these services can be used on one node only.
        _cluster.Fleet.Put(NodeSpec.Sized("node-1", gpus: 1));

        var served = await _cluster.ServiceAsync("first", s => s is { Phase: InferenceServicePhases.Ready, QueuePosition: null });
        Assert.That((served.SchedulingStatus, served.SchedulingMessage, served.WaitingFor), Is.EqualTo(((string?)null, (string?)null, (string?)null)));
        Assert.That(served.Conditions.Find(ConditionTypes.GPUAvailable)?.Status, Is.Not.EqualTo("False"));
        await PlaceAsync("second", 1);
        await Eventually.SeeAsync(
            _operator.MetricsAsync,
            m => m.Contains($"llmkube_gpu_queue_wait_duration_seconds_count{{inferenceservice=\"first\",namespace=\"{_cluster.Namespace}\"}} 1", StringComparison.Ordinal),
            "the wait has been observed");

        await _cluster.DeleteServiceAsync("first");
        await _cluster.ServiceAsync("second", s => s is { Phase: InferenceServicePhases.Ready, QueuePosition: null });
    }

    [Test]
    public async Task A_new_operator_finds_the_queue_as_it_is_and_says_nothing_new()
    {
        string[] names = ["first", "second", "third"];
        foreach (var name in names) await CreateAsync(name, Priorities.Normal);
        await Eventually.SeeAsync(
            _cluster.AllServicesAsync,
            all => all.Select(s => s.Status?.QueuePosition).Order().SequenceEqual([1, 2, 3]) && all.All(s => s.Status.Replicas == 1),
            "each has its place, and its pod is counted");
        var before = await VersionsAsync();
        await _cluster.StopOperatorAsync(_operator);

        _operator = await _cluster.StartOperatorAsync();

        await Eventually.SeeAsync(
            _operator.MetricsAsync,
            m => m.Contains("llmkube_gpu_queue_depth 3", StringComparison.Ordinal) && Reconciles(m) >= names.Length && RunningOperator.IsIdle(m, "inferenceservice") && RunningOperator.IsIdle(m, "pod"),
            "the new operator has looked at all of them");
        Assert.That(await VersionsAsync(), Is.EqualTo(before));

        async Task<IEnumerable<string>> VersionsAsync() => [.. (await _cluster.AllServicesAsync()).Select(s => $"{s.Metadata.Name} {s.Metadata.ResourceVersion}").Order()];

        static double Reconciles(string metrics) => double.Parse(
            metrics.Split('\n').Single(l => l.StartsWith("llmkube_reconcile_total{controller=\"inferenceservice\",result=\"success\"}", StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    private Task CreateAsync(string name, string priority) =>
        _cluster.CreateServiceAsync(name, with: s => (s.Priority, s.Resources) = (priority, new InferenceResources { Gpu = 1 }));

    private Task PlaceAsync(string name, int place) => _cluster.ServiceAsync(name, s => s.QueuePosition == place);
}
