using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>
/// Computes the state gauges at each scrape from the objects themselves, so that no series outlives its object. Only the leader gives them:
/// two replicas would double every sum.
/// </summary>
internal sealed class StateMetrics(IKubernetesClient client, HealthCheckService health, OperatorOptions options)
{
    /// <summary>The tag of the health check that is healthy while this process leads.</summary>
    public const string LeaderTag = "leader";

    /// <summary>A registry with the gauges of this moment; empty if another process leads.</summary>
    public async Task<CollectorRegistry> CollectAsync(CancellationToken cancellationToken)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var leadership = await health.CheckHealthAsync(c => c.Tags.Contains(LeaderTag), cancellationToken);
        if (leadership.Status != HealthStatus.Healthy) return registry;
        var models = await client.ListAsync<Model>(options.Namespace, cancellationToken: cancellationToken);
        var services = await client.ListAsync<InferenceService>(options.Namespace, cancellationToken: cancellationToken);
        var pods = await client.ListAsync<V1Pod>(options.Namespace, Labels.ManagedSelector, cancellationToken: cancellationToken);
        Fill(Prometheus.Metrics.WithCustomRegistry(registry), models, services, GpuQueue.Of(pods, services));
        return registry;
    }

    /// <summary>Sets the gauges to what the objects say.</summary>
    public static void Fill(IMetricFactory metrics, ICollection<Model> models, ICollection<InferenceService> services, GpuQueue queue)
    {
        var modelStatus = MetricDefinitions.ModelStatus.Gauge(metrics);
        foreach (var model in models)
        {
            foreach (var phase in ModelPhases.All)
            {
                modelStatus.WithLabels(model.Metadata.Name, model.Metadata.NamespaceProperty, phase).Set(Is(phase, model.Status?.Phase, ModelPhases.Pending));
            }
        }

        var servicePhase = MetricDefinitions.ServicePhase.Gauge(metrics);
        foreach (var service in services)
        {
            foreach (var phase in InferenceServicePhases.All)
            {
                servicePhase.WithLabels(service.Metadata.Name, service.Metadata.NamespaceProperty, phase).Set(Is(phase, service.Status?.Phase, InferenceServicePhases.Pending));
            }
        }

        MetricDefinitions.GpuQueueDepth.Gauge(metrics).Set(queue.Waiters.Count);
        MetricDefinitions.ActiveModels.Gauge(metrics).Set(models.Count);
        MetricDefinitions.ActiveServices.Gauge(metrics).Set(services.Count);
    }

    private static double Is(string phase, string? current, string initial) => (current is { Length: > 0 } ? current : initial) == phase ? 1 : 0;
}
