using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What the metrics say of child objects that could not be made as they should be.</summary>
public sealed class ApplyMetricsTests
{
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        _operator = await _cluster.StartOperatorAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task What_the_API_server_refuses_has_failed()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There the operator may do everything.");
        await _cluster.ForbidAsync("jobs", "create");
        await _cluster.CreateModelAsync("tiny");

        var refused = await _operator.SeeAsync(s => s["llmkube_apply_total{kind=\"Job\",result=\"failed\"}"] >= 1, "the refusal is counted");

        Assert.That(refused["llmkube_apply_total{kind=\"Job\",result=\"created\"}"], Is.Zero);
        Assert.That(refused["llmkube_apply_total{kind=\"PersistentVolumeClaim\",result=\"created\"}"], Is.EqualTo(1));
    }

    [Test]
    public async Task Models_that_join_one_fetch_at_once_are_in_each_others_way()
    {
        _cluster.Rules.Add(new PodRule { Container = FetchJobBuilder.Container, UntilRemoved = true });
        var models = 0;

        // Who of two wins is chance, and that some lose is only very probable.
        await _operator.SeeAsync(
            async s =>
            {
                if (s["llmkube_apply_total{kind=\"Job\",result=\"conflict\"}"] >= 1) return true;
                if (models < 100) await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _cluster.CreateModelAsync($"model-{Interlocked.Increment(ref models)}", "https://models.example/one.gguf")));
                return false;
            },
            "a conflict is counted");
    }
}
