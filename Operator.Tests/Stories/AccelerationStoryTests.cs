using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Metrics;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Services with GPUs whose servers say, as recorded servers did, where they have the layers of their model.</summary>
public sealed class AccelerationStoryTests
{
    private readonly Clock _clock = new();
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Ratio => $"llmkube_inferenceservice_offloaded_layers_ratio{{inferenceservice=\"chat\",namespace=\"{_cluster.Namespace}\"}}";

    [SetUp]
    public async Task StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There pods have no logs, and requests can't be counted.");
        _cluster = await StoryCluster.StartAsync(new() { Nodes = [NodeSpec.Sized("node-1", gpus: 8)], Time = _clock.Time });
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");

        // How far the Model is when a service comes would decide how many statuses that has.
        await _clock.PassUntilAsync(_operator, s => s[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Ready\"}}"] == 1, "the Model is there");
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Test]
    public async Task A_server_that_uses_its_GPU_proves_it_and_is_asked_once()
    {
        _cluster.Rules.Add(Saying("vulkan"));
        await CreateAsync();

        await WaitAsync("True");
        var status = await _cluster.ServiceAsync("chat", s => s.Acceleration is not null);
        Assert.That(
            (status.Acceleration!.Device, status.Acceleration.LayersOffloaded, status.Acceleration.LayersTotal, status.Acceleration.Pods!.Count),
            Is.EqualTo(("Vulkan0 (llvmpipe (LLVM 22.1.8, 256 bits))", 3, 3, 1)));
        Assert.That((await _operator.ScrapeAsync())[Ratio], Is.EqualTo(1));
        Assert.That(WritesToService(), Is.LessThanOrEqualTo(6));

        var mark = _cluster.Server.Requests.Count;
        await _clock.PassAsync(_operator, TimeSpan.FromMinutes(2));
        await _cluster.StopOperatorAsync(_operator);
        _operator = await _cluster.StartOperatorAsync();
        await _clock.PassAsync(_operator, TimeSpan.FromMinutes(2));
        Assert.That(Condition(await _operator.ScrapeAsync(), "True"), Is.True, "the second operator says so, too");
        Assert.That(_cluster.Server.Requests.Since(mark).Where(r => IsOurs(r) && (r.Subresource == "log" || r is { IsWrite: true, Resource: "inferenceservices" })), Is.Empty, "and has read and written nothing");
        Assert.That(LogReads(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_server_that_falls_back_to_the_CPU_serves_is_warned_of_and_cured_by_a_better_image()
    {
        _cluster.Rules.Add(Saying("cpu"));
        await CreateAsync();

        await WaitAsync("False");
        var slow = await _cluster.ServiceAsync("chat", s => s.Acceleration is not null);
        Assert.That((slow.Phase, slow.Acceleration!.LayersOffloaded, slow.Acceleration.LayersTotal), Is.EqualTo((InferenceServicePhases.Ready, 0, (int?)null)));
        Assert.That(slow.Conditions.Find(ConditionTypes.Degraded), Is.Null);
        Assert.That((await _operator.ScrapeAsync())[Ratio], Is.Zero);
        var events = await _cluster.EventsAsync(e => e.Items.Any(i => i.Reason == Reasons.CPUFallback), "it is warned of");
        Assert.That(events.Items.Where(i => i.Reason == Reasons.CPUFallback).Select(i => (i.Type, i.InvolvedObject.Name, i.Count ?? 1)), Is.EqualTo([("Warning", "chat", 1)]));

        _cluster.Rules.Add(Saying("vulkan-partly") with { Image = "better:*" });
        await _cluster.PatchServiceAsync("chat", new { image = "better:1" });

        await WaitAsync("True");
        var cured = await _cluster.ServiceAsync("chat", s => s.Conditions.Find(ConditionTypes.Accelerated)?.Status == "True");
        Assert.That(cured.Conditions.Find(ConditionTypes.Accelerated), Has.Property("Reason").EqualTo(Reasons.PartlyOffloaded).And.Property("ObservedGeneration").EqualTo(cured.ObservedGeneration));
        Assert.That((await _operator.ScrapeAsync())[Ratio], Is.EqualTo(1 / 3.0).Within(0.001));
    }

    [Test]
    public async Task A_log_that_may_not_be_read_leaves_it_unknown_until_it_may()
    {
        await _cluster.ForbidAsync("pods/log", "get");
        _cluster.Rules.Add(Saying("vulkan"));
        await CreateAsync();

        await WaitAsync("Unknown", Reasons.LogUnreadable);
        var unknown = await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(unknown.Conditions.Find(ConditionTypes.Accelerated)!.Message, Does.Contain("forbidden"));
        Assert.That((unknown.Acceleration, (await _operator.ScrapeAsync())[Ratio]), Is.EqualTo(((AccelerationStatus?)null, (double?)null)));
        var writes = WritesToService();
        await _clock.PassAsync(_operator, TimeSpan.FromMinutes(2));
        Assert.That(WritesToService(), Is.EqualTo(writes), "trying again says nothing new");

        await _cluster.ForbidAsync("pods/log");

        await WaitAsync("True");
    }

    [Test]
    public async Task A_log_without_its_begin_leaves_it_unknown()
    {
        _cluster.Rules.Add(new PodRule { Container = DeploymentBuilder.Container, LogLines = ["srv  update_slots: all slots are idle"] });
        await CreateAsync();

        await WaitAsync("Unknown", Reasons.LogRotated);

        Assert.That(LogReads(), Is.EqualTo(3));
    }

    private Task CreateAsync() => _cluster.CreateServiceAsync("chat", with: s => s.Resources = new InferenceResources { Gpu = 1 });

    private static PodRule Saying(string recording) => new() { Container = DeploymentBuilder.Container, LogLines = ServerLogs.Recorded(recording).TrimEnd('\n').Split('\n') };

    private async Task WaitAsync(string status, string? reason = null)
    {
        await _clock.PassUntilAsync(_operator, s => Condition(s, status), $"Accelerated is {status}");
        if (reason is null) return;
        var services = _cluster.Services;
        for (var passed = 0; passed < 60; passed++)
        {
            var seen = await services.ReadNamespacedAsync<InferenceService>(_cluster.Namespace, "chat");
            if (seen.Status.Conditions.Find(ConditionTypes.Accelerated)?.Reason == reason) return;
            await _clock.PassAsync(_operator, TimeSpan.FromSeconds(1));
        }

        Assert.Fail($"Accelerated never was {status} for {reason}");
    }

    private bool Condition(Scrape scrape, string status) =>
        scrape[$"llmkube_inferenceservice_condition{{inferenceservice=\"chat\",namespace=\"{_cluster.Namespace}\",type=\"Accelerated\",status=\"{status}\"}}"] == 1;

    private int WritesToService() => _cluster.Server.Requests.CountOf(r => IsOurs(r) && r is { IsWrite: true, Resource: "inferenceservices", Name: "chat" });

    private int LogReads() => _cluster.Server.Requests.CountOf(r => IsOurs(r) && r is { Resource: "pods", Subresource: "log" });

    private static bool IsOurs(RequestEntry request) => request.User == StoryCluster.OperatorUser;
}
