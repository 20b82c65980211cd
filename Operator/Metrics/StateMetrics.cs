using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmKube.Operator.Metrics;

/// <summary>
/// Computes the state gauges at each scrape from the objects themselves, so that no series outlives its object. Only the leader gives them: two
/// replicas would double every sum. It reads what is watched anyway and asks the API server for nothing.
/// </summary>
internal sealed class StateMetrics(
    [FromKeyedServices(StateMetrics.Onlooker)] IKubernetesClient client, HealthCheckService health, FetchMonitor fetches, OperatorOptions options, TimeProvider time)
{
    /// <summary>The key of the client whose lists are what the stores of informers know, and ask nobody.</summary>
    public const string Onlooker = "onlooker";

    /// <summary>The tag of the health check that is healthy while this process leads.</summary>
    public const string LeaderTag = "leader";

    /// <summary>The tag of the health check that is healthy once all that is watched has been listed: half of the objects would be a lie.</summary>
    public const string ReadyTag = "ready";

    /// <summary>What the gauges are made from, as it is at this moment; null if another process leads, or before all is known.</summary>
    public async Task<ClusterState?> ReadAsync(CancellationToken cancellationToken)
    {
        var state = await health.CheckHealthAsync(c => c.Tags.Contains(LeaderTag) || c.Tags.Contains(ReadyTag), cancellationToken);
        if (state.Status != HealthStatus.Healthy) return null;
        return new(
            await client.ListAsync<Model>(options.Namespace, cancellationToken: cancellationToken),
            await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken),
            await client.ListAsync<V1Pod>(options.Namespace, Managed.Selector, cancellationToken: cancellationToken),
            fetches.Of,
            time.GetUtcNow());
    }
}
