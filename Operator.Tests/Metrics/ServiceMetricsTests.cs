using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What the metrics say of services that change.</summary>
public sealed class ServiceMetricsTests
{
    private readonly Clock _clock = new();
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Chat => $"inferenceservice=\"chat\",namespace=\"{_cluster.Namespace}\"";

    private string Ready => $"llmkube_inferenceservice_ready_duration_seconds_count{{{Chat}}}";

    private string Rollouts => Rollout("count");

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1), Time = _clock.Time });
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
    }

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task Time_to_Ready_counts_once_from_the_creation_whichever_operator_is_there_when_it_ends()
    {
        _cluster.Rules.Add(new() { Container = DeploymentBuilder.Container, LoadTime = TimeSpan.FromSeconds(90) });
        await _cluster.CreateServiceAsync("chat");
        await WaitAsync(s => Phase(s, InferenceServicePhases.Creating), "its pod loads");
        await _clock.PassAsync(_operator, TimeSpan.FromSeconds(20));
        await RestartAsync();

        var ready = await WaitAsync(s => s[Ready] == 1 && s[Rollouts] == 1, "the second operator sees the end");
        Assert.That(ready[$"llmkube_inferenceservice_ready_duration_seconds_sum{{{Chat}}}"], Is.AtLeast(90));
        Assert.That(ready[Rollout("sum")], Is.AtLeast(89), "and knows when the first pods began");
        await RestartAsync();

        var after = await WaitAsync(s => Phase(s, InferenceServicePhases.Ready) && RunningOperator.IsIdle(s.Text, "inferenceservice"), "the third finds it Ready");
        Assert.That((after[Ready], after[Rollouts]), Is.EqualTo(((double?)null, (double?)0)));
    }

    [Test]
    public async Task A_change_of_replicas_alone_is_no_rollout_and_one_of_the_server_is()
    {
        await _cluster.CreateServiceAsync("chat");
        await WaitAsync(s => s[Ready] == 1 && s[Rollouts] == 1, "it came up");

        await _cluster.PatchServiceAsync("chat", new { replicas = 2 });
        var scaled = await WaitAsync(s => Phase(s, InferenceServicePhases.Ready) && Replicas(s) == (2, 2, 2), "it has two replicas");
        Assert.That((scaled[Ready], scaled[Rollouts]), Is.EqualTo((1, 1)));
        Assert.That(scaled["llmkube_apply_total{kind=\"PodDisruptionBudget\",result=\"created\"}"], Is.EqualTo(1));
        Assert.That(scaled["llmkube_apply_total{kind=\"Deployment\",result=\"updated\"}"], Is.EqualTo(1));

        await _cluster.PatchServiceAsync("chat", new { contextSize = 4096 });
        await WaitAsync(s => s[Ready] == 2 && s[Rollouts] == 2, "its pods have been replaced");

        await _cluster.PatchServiceAsync("chat", new { replicas = 0 });
        var stopped = await WaitAsync(s => Phase(s, InferenceServicePhases.Stopped), "it has stopped");
        Assert.That((stopped[Ready], stopped[Rollouts], Replicas(stopped)), Is.EqualTo((2, 2, (0, 0, 0))));
    }

    [Test]
    public async Task Restarts_are_counted_by_what_ended_the_container_and_go_with_the_service()
    {
        var killed = new PodRule { Container = DeploymentBuilder.Container, RunTime = TimeSpan.FromSeconds(2), ExitCode = 137, ExitReason = "OOMKilled", Times = 2 };
        var restarts = $"llmkube_inferenceservice_restarts_total{{{Chat},reason=\"OOMKilled\"}}";
        _cluster.Rules.Add(killed);
        await _cluster.CreateServiceAsync("chat");

        await WaitAsync(s => s[restarts] == 0, "the series is there before anything ends");
        var ready = await WaitAsync(s => s[restarts] == 2 && Phase(s, InferenceServicePhases.Ready), "it came up at the third try");
        Assert.That(ready[$"llmkube_inferenceservice_restarts_total{{{Chat},reason=\"CrashLooping\"}}"], Is.Zero);
        await RestartAsync();
        await WaitAsync(s => s[restarts] == 0 && Phase(s, InferenceServicePhases.Ready), "what was before a new operator is not its own");

        await _cluster.DeleteServiceAsync("chat");

        await WaitAsync(s => !s.Series.Any(n => n.Contains("\"chat\"", StringComparison.Ordinal)), "no series of it is left");
    }

    [TestCase(null, null, null, 2, "cpu", 0)]
    [TestCase(Accelerators.Cuda, null, 2, 2, "cuda", 4)]
    [TestCase(Accelerators.Rocm, null, 1, 1, "rocm", 1)]
    [TestCase(Accelerators.Cuda, GpuVendors.Intel, 1, 1, "intel", 1)]
    [TestCase(Accelerators.Metal, null, 1, 1, "metal", 0)]
    [TestCase(Accelerators.Cuda, null, null, 1, "cpu", 0)]
    public async Task The_accelerator_is_the_one_that_the_pods_use(string? accelerator, string? vendor, int? gpus, int replicas, string shown, int requested)
    {
        await _cluster.CreateModelAsync(
            "other",
            with: m => m.Hardware = new HardwareSpec { Accelerator = accelerator, Gpu = gpus is null ? null : new GpuSpec { Count = gpus, Enabled = true, Vendor = vendor } });
        await _cluster.CreateServiceAsync("chat", "other", s => s.Replicas = replicas);

        var scrape = await WaitAsync(s => s[$"llmkube_inferenceservice_info{{{Chat},model=\"other\",runtime=\"llamacpp\",accelerator=\"{shown}\"}}"] == 1, shown);
        Assert.That(scrape[$"llmkube_inferenceservice_gpu_requested{{{Chat}}}"], Is.EqualTo(requested));
        Assert.That(scrape.Of("llmkube_inferenceservice_info", Chat).Count(), Is.EqualTo(1));
    }

    private async Task RestartAsync()
    {
        await _cluster.StopOperatorAsync(_operator);
        _operator = await _cluster.StartOperatorAsync();
    }

    private string Rollout(string part) => $"llmkube_inferenceservice_rollout_duration_seconds_{part}{{namespace=\"{_cluster.Namespace}\"}}";

    private bool Phase(Scrape scrape, string phase) => scrape[$"llmkube_inferenceservice_phase{{{Chat},phase=\"{phase}\"}}"] == 1;

    private (double? Desired, double? Current, double? Ready) Replicas(Scrape scrape)
    {
        return (Of("desired"), Of("current"), Of("ready"));

        double? Of(string state) => scrape[$"llmkube_inferenceservice_replicas{{{Chat},state=\"{state}\"}}"];
    }

    private Task<Scrape> WaitAsync(Func<Scrape, bool> isSo, string what) => _clock.PassUntilAsync(_operator, isSo, what);
}
