using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Metrics;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Services whose model may be too large for their GPUs, and learn it while it is being fetched.</summary>
public sealed class GpuFitStoryTests
{
    private static readonly NodeSpec s_small = Labelled("node-1", "6144");

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);

    private readonly Clock _clock = new();
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    [SetUp]
    public async Task StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There pods have no logs, and requests can't be counted.");
        _cluster = await StoryCluster.StartAsync(new() { Nodes = [s_small], Time = _clock.Time });
        _cluster.Rules.Add(Fetches.WithHeader);
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Test]
    public async Task A_model_that_is_too_large_is_told_before_any_pod_exists_and_served_nevertheless()
    {
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        for (var i = 0; i < 5; i++) await _cluster.CreateServiceAsync($"chat-{i}", with: s => s.Resources = new InferenceResources { Gpu = 1 });

        await WaitForFitAsync("False");
        var told = await _cluster.ServiceAsync("chat-0", s => s.Conditions.Find(ConditionTypes.FitsGPU) is not null);
        Assert.That(told.Conditions.Find(ConditionTypes.FitsGPU)!.Message, Does.Contain("needs 6.4 GiB on its GPU").And.Contain("A GPU has 6.0 GiB by the nodes' label nvidia.com/gpu.memory"));
        Assert.That((told.Phase, told.EstimatedMemoryBytes), Is.EqualTo((InferenceServicePhases.Pending, (long?)6_921_545_318)));
        Assert.That((await _cluster.Client.CoreV1.ListNamespacedPodAsync(_cluster.Namespace, labelSelector: Labels.Service)).Items, Is.Empty);
        Assert.That(ListsOfNodes(), Is.EqualTo(1), "one look at the nodes is enough for all services");

        _cluster.Rules.Remove(Fetches.WithHeader);
        await _clock.PassUntilAsync(_operator, s => s.Of("llmkube_inferenceservice_phase", "phase=\"Ready\"").Any(r => r.Value == 1), "the one that gets the GPU is Ready");
        var ready = (await _cluster.AllServicesAsync()).First(s => s.Status.Phase == InferenceServicePhases.Ready).Metadata.Name;
        Assert.That(_cluster.Server.Requests.CountOf(r => r.IsWrite && r.Resource == "inferenceservices" && r.Name == ready), Is.LessThanOrEqualTo(6), "writes to it until it is Ready");
        var warnings = await _cluster.EventsAsync(e => e.Items.Any(i => i.Reason == Reasons.InsufficientGPUMemory && i.InvolvedObject.Name == "chat-0"), "it is warned");
        Assert.That(warnings.Items.Count(i => i.Reason == Reasons.InsufficientGPUMemory && i.InvolvedObject.Name == "chat-0"), Is.EqualTo(1));
    }

    [Test]
    public async Task An_operator_that_may_not_list_nodes_does_not_know_and_works()
    {
        await _cluster.ForbidAsync("nodes", "list");
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat-0", with: s => s.Resources = new InferenceResources { Gpu = 1 });
        await _cluster.CreateServiceAsync("said", with: s => s.Resources = new InferenceResources { Gpu = 1, GpuMemory = "24Gi" });

        await WaitForFitAsync("Unknown");

        var said = await _cluster.ServiceAsync("said", s => s.Conditions.Find(ConditionTypes.FitsGPU) is not null);
        Assert.That(said.Conditions.Find(ConditionTypes.FitsGPU)!.Status, Is.EqualTo("True"));
        Assert.That((await _operator.ScrapeAsync())["llmkube_reconcile_total{controller=\"inferenceservice\",result=\"error\"}"], Is.Zero);
    }

    // The service is at rest when a node begins to say it, or says something else: nothing but time leads to the next look.
    [Test]
    public async Task What_nodes_say_later_is_heard_in_time_and_costs_one_write_each()
    {
        _cluster.Fleet.Remove(s_small.Name);
        _cluster.Fleet.Put(NodeSpec.Sized("node-2", gpus: 1));
        await Eventually.SeeAsync(() => _cluster.Client.CoreV1.ListNodeAsync(), l => l.Items is [{ Metadata.Name: "node-2" }], "there is but the node that says nothing");
        _cluster.Rules.Remove(Fetches.WithHeader);
        _cluster.Rules.Add(Fetches.SucceedWithHeader);
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat-0", with: s => s.Resources = new InferenceResources { Gpu = 1 });
        await WaitForFitAsync("Unknown");
        await _clock.PassUntilAsync(_operator, s => s.Of("llmkube_inferenceservice_phase", "phase=\"Ready\"").Any(r => r.Value == 1), "it is Ready");
        await _clock.PassAsync(_operator, TimeSpan.FromMinutes(1), s_step);
        var writes = WritesToServices();

        _cluster.Fleet.Put(s_small);
        await WaitForFitAsync("False", s_step);
        _cluster.Fleet.Put(Labelled(s_small.Name, "24576"));
        await WaitForFitAsync("True", s_step);
        await _clock.PassAsync(_operator, 3 * GpuNodes.Interval, s_step);

        Assert.That(WritesToServices() - writes, Is.EqualTo(2), "one for each news, and none at rest");
        var looks = ListsOfNodes();
        await _cluster.PatchServiceAsync("chat-0", new { replicas = 0 });
        await _clock.PassUntilAsync(_operator, s => s.Of("llmkube_inferenceservice_phase", "phase=\"Stopped\"").Any(r => r.Value == 1), "it is stopped");
        await _clock.PassAsync(_operator, 3 * GpuNodes.Interval, s_step);
        Assert.That(ListsOfNodes() - looks, Is.LessThanOrEqualTo(1), "who is stopped need not know");
    }

    private static NodeSpec Labelled(string name, string mebibytes)
    {
        var node = NodeSpec.Sized(name, gpus: 1);
        return node with { Labels = new Dictionary<string, string>(node.Labels) { [GpuNodeLabels.NvidiaMemory] = mebibytes } };
    }

    private Task<Scrape> WaitForFitAsync(string status, TimeSpan? step = null) => _clock.PassUntilAsync(
        _operator,
        s => s[$"llmkube_inferenceservice_condition{{inferenceservice=\"chat-0\",namespace=\"{_cluster.Namespace}\",type=\"FitsGPU\",status=\"{status}\"}}"] == 1,
        $"FitsGPU is {status}",
        step);

    private int WritesToServices() => _cluster.Server.Requests.CountOf(r => r is { User: StoryCluster.OperatorUser, IsWrite: true, Resource: "inferenceservices" });

    private int ListsOfNodes() => _cluster.Server.Requests.CountOf(r => r is { User: StoryCluster.OperatorUser, Resource: "nodes", Verb: "list" });
}
