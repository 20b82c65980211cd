using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>What the state gauges are computed from.</summary>
/// <param name="Models">The Models.</param>
/// <param name="Services">The InferenceServices.</param>
/// <param name="Pods">The operator's pods.</param>
/// <param name="ProgressOf">How far a fetch is, by namespace and name of its Job.</param>
/// <param name="Now">The time.</param>
internal sealed record ClusterState(
    ICollection<Model> Models, ICollection<InferenceService> Services, ICollection<V1Pod> Pods, Func<string, string, FetchReading?> ProgressOf, DateTimeOffset Now);

/// <summary>The state gauges, which are what the objects say.</summary>
internal static class StateGauges
{
    private const string UnknownAccelerator = "unknown";

    /// <summary>The statuses that a condition can have.</summary>
    public static readonly IReadOnlyList<string> ConditionStatuses = ["True", "False", "Unknown"];

    private static readonly IReadOnlyList<Action<IMetricFactory, ClusterState>> Parts = [FillCounts, FillModels, FillCaches, FillPhases, FillServices, FillQueue];

    /// <summary>Writes the gauges in Prometheus' text format. They are made in parts, each let go of before the next: there can be tens of thousands of series.</summary>
    public static async Task WriteAsync(Stream text, ClusterState seen, CancellationToken cancellationToken)
    {
        foreach (var fill in Parts)
        {
            var registry = Prometheus.Metrics.NewCustomRegistry();
            fill(Prometheus.Metrics.WithCustomRegistry(registry), seen);
            await registry.CollectAndExportAsTextAsync(text, cancellationToken);
        }
    }

    private static void FillCounts(IMetricFactory factory, ClusterState seen)
    {
        MetricDefinitions.ActiveModels.Gauge(factory).Set(seen.Models.Count);
        MetricDefinitions.ActiveServices.Gauge(factory).Set(seen.Services.Count);
    }

    private static void FillModels(IMetricFactory factory, ClusterState seen)
    {
        var status = MetricDefinitions.ModelStatus.Gauge(factory);
        var size = MetricDefinitions.ModelSize.Gauge(factory);
        var progress = MetricDefinitions.ModelDownloadProgress.Gauge(factory);
        var started = MetricDefinitions.ModelDownloadStarted.Gauge(factory);
        var fetching = seen.Pods.Where(p => KeyOf(p) is not null).ToLookup(p => (p.Metadata.NamespaceProperty, KeyOf(p)));
        foreach (var model in seen.Models)
        {
            var (name, ns) = (model.Metadata.Name, model.Metadata.NamespaceProperty);
            var current = Known(ModelPhases.All, model.Status?.Phase, ModelPhases.Pending);
            foreach (var phase in ModelPhases.All) status.WithLabels(name, ns, phase).Set(phase == current ? 1 : 0);

            var bytes = model.Status?.SizeBytes;
            if (current is ModelPhases.Downloading or ModelPhases.Copying && model.Status?.CacheKey is { } key)
            {
                var reading = seen.ProgressOf(ns, FetchJobBuilder.NameOf(key, CacheStatuses.FirstClaim(model)));
                if (reading is { Total: { } total }) progress.WithLabels(name, ns).Set(Math.Min(1.0, (double)reading.Bytes / total));
                bytes ??= reading?.Total;
                if (FetchStates.NewestOf(fetching[(ns, key)]) is { } pod && FetchStates.StartOf(pod) is { } at) started.WithLabels(name, ns).Set(Seconds(at));
            }

            if (bytes is { } known) size.WithLabels(name, ns).Set(known);
        }
    }

    // What lies there stays, and counts, also for a Model that wants another hash. A source that is itself a file in a volume is no copy of ours.
    private static void FillCaches(IMetricFactory factory, ClusterState seen)
    {
        var bytes = MetricDefinitions.CacheBytes.Gauge(factory);
        var artifacts = MetricDefinitions.CacheArtifacts.Gauge(factory);
        foreach (var models in seen.Models.GroupBy(m => m.Metadata.NamespaceProperty))
        {
            var held = models.Where(m => m.Status is not null && ModelClaims.OfSource(m.Spec) is null)
                .SelectMany(m => CacheStatuses.Claims(m.Spec, m.Status).Select(c => CacheStatuses.Of(m, c)))
                .Where(s => s is { Phase: ModelPhases.Ready or ModelPhases.Failed, Sha256.Length: > 0, CacheKey.Length: > 0 })
                .GroupBy(s => (s!.CacheClaimUid, s.CacheKey), s => (double)(s!.SizeBytes ?? 0))
                .ToList();
            bytes.WithLabels(models.Key).Set(held.Sum(f => f.Max()));
            artifacts.WithLabels(models.Key).Set(held.Count);
        }
    }

    private static void FillPhases(IMetricFactory factory, ClusterState seen)
    {
        var phases = MetricDefinitions.ServicePhase.Gauge(factory);
        foreach (var service in seen.Services)
        {
            var current = Known(InferenceServicePhases.All, service.Status?.Phase, InferenceServicePhases.Pending);
            foreach (var phase in InferenceServicePhases.All) phases.WithLabels(service.Metadata.Name, service.Metadata.NamespaceProperty, phase).Set(phase == current ? 1 : 0);
        }
    }

    private static void FillServices(IMetricFactory factory, ClusterState seen)
    {
        var replicas = MetricDefinitions.ServiceReplicas.Gauge(factory);
        var conditions = MetricDefinitions.ServiceCondition.Gauge(factory);
        var gpus = MetricDefinitions.ServiceGpus.Gauge(factory);
        var offloaded = MetricDefinitions.ServiceOffloaded.Gauge(factory);
        var info = MetricDefinitions.ServiceInfo.Gauge(factory);
        var models = seen.Models.ToDictionary(m => (m.Metadata.NamespaceProperty, m.Metadata.Name));
        foreach (var service in seen.Services)
        {
            var (name, ns, said, modelName) = (service.Metadata.Name, service.Metadata.NamespaceProperty, service.Status, service.Spec.ModelRef ?? "");
            var desired = said?.DesiredReplicas ?? ReplicaOwnership.Asked(service);
            replicas.WithLabels(name, ns, "desired").Set(desired);
            replicas.WithLabels(name, ns, "current").Set(said?.Replicas ?? 0);
            replicas.WithLabels(name, ns, "ready").Set(said?.ReadyReplicas ?? 0);
            foreach (var condition in said?.Conditions ?? [])
            {
                foreach (var status in ConditionStatuses) conditions.WithLabels(name, ns, condition.Type, status).Set(status == condition.Status ? 1 : 0);
            }

            var model = models.GetValueOrDefault((ns, modelName));
            gpus.WithLabels(name, ns).Set(GpuRequest.PerPod(service.Spec, model?.Spec) * desired);
            if (said?.Acceleration is { LayersOffloaded: { } layers } acceleration) offloaded.WithLabels(name, ns).Set(LoadReport.RatioOf(layers, acceleration.LayersTotal));
            info.WithLabels(name, ns, modelName, Runtimes.LlamaCpp, AcceleratorOf(service, model)).Set(1);
        }
    }

    private static void FillQueue(IMetricFactory factory, ClusterState seen)
    {
        var queue = GpuQueue.Of(seen.Pods, seen.Services);
        var waiting = queue.Waiters.ToLookup(w => w.Service.Namespace);
        var byNamespace = MetricDefinitions.GpuQueueServices.Gauge(factory);
        foreach (var ns in seen.Services.Select(s => s.Metadata.NamespaceProperty).Distinct()) byNamespace.WithLabels(ns).Set(waiting[ns].Count());
        MetricDefinitions.GpuQueueDepth.Gauge(factory).Set(queue.Waiters.Count);
        var oldest = queue.Waiters.Count == 0 ? 0 : Seconds(seen.Now.UtcDateTime) - Seconds(queue.Waiters.Min(w => w.Since));
        MetricDefinitions.GpuQueueOldest.Gauge(factory).Set(Math.Max(0, oldest));
    }

    // What the pods really use, which is the CPU where no GPU is asked for, whatever the Model would like.
    private static string AcceleratorOf(InferenceService service, Model? model) => model switch
    {
        null => UnknownAccelerator,
        { Spec.Hardware.Accelerator: Accelerators.Metal } => Accelerators.Metal,
        _ => GpuRequest.Of(service.Spec, model.Spec)?.Build ?? ServerBuilds.Cpu,
    };

    // A phase that the Go operator left and that we don't have is none.
    private static string Known(IReadOnlyList<string> phases, string? phase, string initial) => phase is not null && phases.Contains(phase) ? phase : initial;

    private static string? KeyOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(Labels.CacheKey, out var key) == true ? key : null;

    private static double Seconds(DateTime at) => (DateTime.SpecifyKind(at, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds;
}
