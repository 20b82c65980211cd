using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What the metrics say of services that wait for GPUs.</summary>
public sealed class QueueMetricsTests
{
    [Test]
    public async Task A_queue_is_counted_while_it_lasts_and_each_wait_is_observed_once_when_it_ends()
    {
        var clock = new Clock();
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1), Time = clock.Time });
        var running = await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("tiny");
        foreach (var name in (string[])["first", "second", "third"])
        {
            await cluster.CreateServiceAsync(name, with: s => (s.Priority, s.Resources) = (name == "first" ? Priorities.High : Priorities.Normal, new InferenceResources { Gpu = 1 }));
        }

        var began = clock.Time.GetUtcNow();
        var ns = $"namespace=\"{cluster.Namespace}\"";
        var waiting = await clock.PassUntilAsync(running, s => s["llmkube_gpu_queue_depth"] == 3 && s["llmkube_gpu_queue_oldest_seconds"] > 0 && All(s, "WaitingForGPU"), "three wait");
        Assert.That(waiting[$"llmkube_gpu_queue_services{{{ns}}}"], Is.EqualTo(3));
        Assert.That(waiting[$"llmkube_inferenceservice_condition{{inferenceservice=\"first\",{ns},type=\"GPUAvailable\",status=\"False\"}}"], Is.EqualTo(1));
        Assert.That(waiting[$"llmkube_inferenceservice_gpu_requested{{inferenceservice=\"first\",{ns}}}"], Is.EqualTo(1));
        Assert.That(waiting.Of("llmkube_gpu_queue_wait_duration_seconds_count"), Is.Empty, "no wait has ended");

        await clock.PassAsync(running, TimeSpan.FromMinutes(1));
        cluster.Fleet.Put(NodeSpec.Sized("node-1", gpus: 1));
        await AssertWaitedAsync("first");
        await cluster.PatchServiceAsync("second", new { replicas = 0 });
        await AssertWaitedAsync("second");
        await cluster.DeleteServiceAsync("third");

        var over = await clock.PassUntilAsync(
            running,
            s => s["llmkube_gpu_queue_depth"] == 0 && s[$"llmkube_inferenceservice_phase{{inferenceservice=\"second\",{ns},phase=\"Stopped\"}}"] == 1 && s["llmkube_active_inferenceservices_total"] == 2,
            "nobody waits");
        Assert.That((over[Wait("first")], over[Wait("second")], over[Wait("third")]), Is.EqualTo(((double?)1, (double?)1, (double?)null)));
        Assert.That((over["llmkube_gpu_queue_oldest_seconds"], over[$"llmkube_gpu_queue_services{{{ns}}}"]), Is.EqualTo((0, 0)));

        string Wait(string name) => $"llmkube_gpu_queue_wait_duration_seconds_count{{inferenceservice=\"{name}\",{ns}}}";

        // The condition's clock counts whole seconds.
        async Task AssertWaitedAsync(string name)
        {
            var over = await clock.PassUntilAsync(running, s => s[Wait(name)] == 1, $"{name} waits no longer");
            Assert.That(
                over[Wait(name).Replace("_count", "_sum", StringComparison.Ordinal)],
                Is.InRange(60.0, (clock.Time.GetUtcNow() - began).TotalSeconds + 1));
        }

        static bool All(Scrape scrape, string phase) => scrape.Of("llmkube_inferenceservice_phase", $"phase=\"{phase}\"").Count(s => s.Value == 1) == 3;
    }
}
