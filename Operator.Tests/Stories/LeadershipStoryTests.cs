using System.Net;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Two operators, of which one works.</summary>
public sealed class LeadershipStoryTests
{
    private static readonly OperatorOptions s_electing = new() { LeaderElect = true };

    [Test]
    public async Task When_the_leader_stops_the_standby_goes_on()
    {
        await using var cluster = await StoryCluster.StartAsync();
        var first = await cluster.StartOperatorAsync(s_electing);
        await Eventually.SeeAsync(
            first.MetricsAsync, m => m.Contains("leader_election_master_status{name=\"llmkube-operator-leader\"} 1", StringComparison.Ordinal), "the first leads");
        var second = await cluster.StartOperatorAsync(s_electing);
        await Eventually.SeeAsync(() => second.GetAsync("/readyz", probes: true), r => r.Status == HttpStatusCode.OK, "the standby is ready too");
        await cluster.CreateModelAsync("tiny");
        await cluster.CreateServiceAsync("chat");
        await cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(await second.MetricsAsync(), Does.Not.Contain("llmkube_model_status{"), "only the leader counts objects");

        await cluster.StopOperatorAsync(first);

        await cluster.CreateServiceAsync("after");
        await cluster.ServiceAsync("after", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(await second.MetricsAsync(), Does.Contain("llmkube_model_status{"));
    }
}
