using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Metrics;

/// <summary>What the state gauges are computed from.</summary>
/// <param name="Models">The Models.</param>
/// <param name="Services">The InferenceServices.</param>
/// <param name="Pods">The operator's pods.</param>
/// <param name="ProgressOf">How far a fetch is, by namespace and name of its Job.</param>
/// <param name="Now">The time.</param>
internal sealed record ClusterState(
    ICollection<Model> Models, ICollection<InferenceService> Services, ICollection<V1Pod> Pods, Func<string, string, FetchReading?> ProgressOf, DateTimeOffset Now)
{
    /// <summary>Those who wait for GPUs.</summary>
    public GpuQueue Queue => field ??= GpuQueue.Of(Pods, Services);
}

/// <summary>The state gauges, which are what the objects say.</summary>
internal static class StateGauges
{
    private const string UnknownAccelerator = "unknown";

    /// <summary>The statuses that a condition can have.</summary>
    public static readonly IReadOnlyList<string> ConditionStatuses = ["True", "False", "Unknown"];

    // In the order of a scrape. Each family is computed while it is written, and nothing of it is kept.
    private static readonly IReadOnlyList<(MetricDefinition Gauge, Func<ClusterState, IEnumerable<GaugeSample>> Samples)> s_families =
    [
        (MetricDefinitions.ActiveModels, seen => [new(seen.Models.Count)]),
        (MetricDefinitions.ActiveServices, seen => [new(seen.Services.Count)]),
        (MetricDefinitions.ModelStatus, ModelStatuses),
        (MetricDefinitions.ModelSize, seen => OfModels(seen, m => m.Status?.SizeBytes ?? ReadingOf(seen, m)?.Total)),
        (MetricDefinitions.ModelDownloadProgress, seen => OfModels(seen, m => ReadingOf(seen, m) is { Total: { } total } reading ? Math.Min(1.0, (double)reading.Bytes / total) : null)),
        (MetricDefinitions.ModelDownloadStarted, DownloadStarts),
        (MetricDefinitions.CacheBytes, seen => Caches(seen).Select(c => new GaugeSample(c.Bytes, c.Namespace))),
        (MetricDefinitions.CacheArtifacts, seen => Caches(seen).Select(c => new GaugeSample(c.Artifacts, c.Namespace))),
        (MetricDefinitions.ServicePhase, ServicePhases),
        (MetricDefinitions.ServiceReplicas, Replicas),
        (MetricDefinitions.ServiceCondition, Conditions),
        (MetricDefinitions.ServiceGpus, Gpus),
        (MetricDefinitions.ServiceOffloaded, seen => OfServices(seen, s => s.Status?.Acceleration is { LayersOffloaded: { } layers } said ? LoadReport.RatioOf(layers, said.LayersTotal) : null)),
        (MetricDefinitions.ServiceInfo, Infos),
        (MetricDefinitions.GpuQueueServices, WaitingByNamespace),
        (MetricDefinitions.GpuQueueDepth, seen => [new(seen.Queue.Waiters.Count)]),
        (MetricDefinitions.GpuQueueOldest, seen => [new(OldestWait(seen))]),
    ];

    /// <summary>Writes the gauges in Prometheus' text format.</summary>
    public static async Task WriteAsync(Stream text, ClusterState seen, CancellationToken cancellationToken)
    {
        var writer = PipeWriter.Create(text, new StreamPipeWriterOptions(leaveOpen: true));
        foreach (var (gauge, samples) in s_families) await GaugeText.WriteAsync(writer, gauge, samples(seen), cancellationToken);
        await writer.CompleteAsync();
    }

    private static IEnumerable<GaugeSample> OfModels(ClusterState seen, Func<Model, double?> value) =>
        from model in seen.Models
        let known = value(model)
        where known is not null
        select new GaugeSample(known.Value, model.Metadata.Name, model.Metadata.NamespaceProperty);

    private static IEnumerable<GaugeSample> OfServices(ClusterState seen, Func<InferenceService, double?> value) =>
        from service in seen.Services
        let known = value(service)
        where known is not null
        select new GaugeSample(known.Value, service.Metadata.Name, service.Metadata.NamespaceProperty);

    private static IEnumerable<GaugeSample> ModelStatuses(ClusterState seen) =>
        from model in seen.Models
        let current = PhaseOf(model)
        from phase in ModelPhases.All
        select new GaugeSample(phase == current ? 1 : 0, model.Metadata.Name, model.Metadata.NamespaceProperty, phase);

    private static IEnumerable<GaugeSample> DownloadStarts(ClusterState seen)
    {
        var fetching = seen.Pods.Where(p => KeyOf(p) is not null).ToLookup(p => (p.Metadata.NamespaceProperty, KeyOf(p)));
        return OfModels(seen, m =>
            IsFetching(m, out var key) && FetchStates.NewestOf(fetching[(m.Metadata.NamespaceProperty, key)]) is { } pod && FetchStates.StartOf(pod) is { } at ? Seconds(at) : null);
    }

    // What lies there stays, and counts, also for a Model that wants another hash. A source that is itself a file in a volume is no copy of ours.
    private static IEnumerable<(string Namespace, double Bytes, int Artifacts)> Caches(ClusterState seen) =>
        from models in seen.Models.GroupBy(m => m.Metadata.NamespaceProperty)
        let held = models.Where(m => m.Status is not null && ModelClaims.OfSource(m.Spec) is null)
            .SelectMany(m => CacheStatuses.Claims(m.Spec, m.Status).Select(c => CacheStatuses.Of(m, c)))
            .Where(s => s is { Phase: ModelPhases.Ready or ModelPhases.Failed, Sha256.Length: > 0, CacheKey.Length: > 0 })
            .GroupBy(s => (s!.CacheClaimUid, s.CacheKey), s => (double)(s!.SizeBytes ?? 0))
            .ToList()
        select (models.Key, held.Sum(f => f.Max()), held.Count);

    private static IEnumerable<GaugeSample> ServicePhases(ClusterState seen) =>
        from service in seen.Services
        let current = Known(InferenceServicePhases.All, service.Status?.Phase, InferenceServicePhases.Pending)
        from phase in InferenceServicePhases.All
        select new GaugeSample(phase == current ? 1 : 0, service.Metadata.Name, service.Metadata.NamespaceProperty, phase);

    private static IEnumerable<GaugeSample> Replicas(ClusterState seen)
    {
        foreach (var service in seen.Services)
        {
            var (name, ns) = (service.Metadata.Name, service.Metadata.NamespaceProperty);
            yield return new(DesiredReplicas(service), name, ns, "desired");
            yield return new(service.Status?.Replicas ?? 0, name, ns, "current");
            yield return new(service.Status?.ReadyReplicas ?? 0, name, ns, "ready");
        }
    }

    private static IEnumerable<GaugeSample> Conditions(ClusterState seen) =>
        from service in seen.Services
        from condition in service.Status?.Conditions ?? []
        from status in ConditionStatuses
        select new GaugeSample(status == condition.Status ? 1 : 0, service.Metadata.Name, service.Metadata.NamespaceProperty, condition.Type, status);

    private static IEnumerable<GaugeSample> Gpus(ClusterState seen)
    {
        var models = ModelsByName(seen);
        return OfServices(seen, s => GpuRequest.PerPod(s.Spec, models.GetValueOrDefault(ModelOf(s))?.Spec) * DesiredReplicas(s));
    }

    private static IEnumerable<GaugeSample> Infos(ClusterState seen)
    {
        var models = ModelsByName(seen);
        return seen.Services.Select(s => new GaugeSample(
            1, s.Metadata.Name, s.Metadata.NamespaceProperty, s.Spec.ModelRef ?? "", Runtimes.LlamaCpp, AcceleratorOf(s, models.GetValueOrDefault(ModelOf(s)))));
    }

    private static IEnumerable<GaugeSample> WaitingByNamespace(ClusterState seen)
    {
        var waiting = seen.Queue.Waiters.ToLookup(w => w.Service.Namespace);
        return seen.Services.Select(s => s.Metadata.NamespaceProperty).Distinct().Select(ns => new GaugeSample(waiting[ns].Count(), ns));
    }

    private static double OldestWait(ClusterState seen)
    {
        var waiters = seen.Queue.Waiters;
        return waiters.Count == 0 ? 0 : Math.Max(0, Seconds(seen.Now.UtcDateTime) - Seconds(waiters.Min(w => w.Since)));
    }

    private static Dictionary<(string, string), Model> ModelsByName(ClusterState seen) => seen.Models.ToDictionary(m => (m.Metadata.NamespaceProperty, m.Metadata.Name));

    private static (string, string) ModelOf(InferenceService service) => (service.Metadata.NamespaceProperty, service.Spec.ModelRef ?? "");

    private static int DesiredReplicas(InferenceService service) => service.Status?.DesiredReplicas ?? ReplicaOwnership.Asked(service);

    private static string PhaseOf(Model model) => Known(ModelPhases.All, model.Status?.Phase, ModelPhases.Pending);

    private static bool IsFetching(Model model, [NotNullWhen(true)] out string? key)
    {
        key = PhaseOf(model) is ModelPhases.Downloading or ModelPhases.Copying ? model.Status?.CacheKey : null;
        return key is not null;
    }

    private static FetchReading? ReadingOf(ClusterState seen, Model model) =>
        IsFetching(model, out var key) ? seen.ProgressOf(model.Metadata.NamespaceProperty, FetchJobBuilder.NameOf(key, CacheStatuses.FirstClaim(model))) : null;

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
