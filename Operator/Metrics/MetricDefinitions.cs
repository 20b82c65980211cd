namespace LlmKube.Operator.Metrics;

/// <summary>
/// Every metric of the operator, once. The first ten are those of the Go operator (LLMKube), by its names, labels and buckets; among them are
/// two gauges whose names end like a counter's, to which promtool objects and to which we hold for the sake of dashboards that use them.
/// </summary>
internal static class MetricDefinitions
{
    // The Go client's defaults, which are not prometheus-net's.
    private static readonly double[] GoDefaults = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    public static readonly MetricDefinition ModelDownloadDuration = Histogram(
        "llmkube_model_download_duration_seconds",
        Exponential(1, 12),
        "Seconds from the start of a fetch to its verified end. Fetches that failed, or that found the file in the cache, are not in it; one fetch for several Models counts for one of them. "
        + "There from a Model's first fetch until the Model is deleted. source_type: remote (over the network) or local (a path).",
        "model", "namespace", "source_type");

    public static readonly MetricDefinition ModelStatus = Gauge(
        "llmkube_model_status", "1 for the phase that the Model is in, 0 for all others. There as long as the Model.", "model", "namespace", "phase");

    public static readonly MetricDefinition ServiceReadyDuration = Histogram(
        "llmkube_inferenceservice_ready_duration_seconds",
        Exponential(5, 10),
        "Seconds from the first sight of a generation (of a new InferenceService: from its creation) to its being Ready, once for each generation that brought new pods; "
        + "a change of replicas alone does not count. There from the first observation until the InferenceService is deleted.",
        "inferenceservice", "namespace");

    public static readonly MetricDefinition ServicePhase = Gauge(
        "llmkube_inferenceservice_phase",
        "1 for the phase that the InferenceService is in, 0 for all others. There as long as the InferenceService.",
        "inferenceservice", "namespace", "phase");

    public static readonly MetricDefinition GpuQueueDepth = Gauge("llmkube_gpu_queue_depth", "InferenceServices with pods that wait for a GPU.");

    public static readonly MetricDefinition GpuQueueWait = Histogram(
        "llmkube_gpu_queue_wait_duration_seconds",
        Exponential(10, 10),
        "Seconds that an InferenceService waited for GPUs, observed once, when its wait ends: placed, scaled down, changed so that it wants none, or kept from all nodes by something else. "
        + "There from the first observation until the InferenceService is deleted; one that is deleted while it waits is not observed.",
        "inferenceservice", "namespace");

    public static readonly MetricDefinition Reconciles = Counter(
        "llmkube_reconcile_total", "Reconciles by controller (model, inferenceservice) and result (success, error).", "controller", "result");

    public static readonly MetricDefinition ReconcileDuration = Histogram(
        "llmkube_reconcile_duration_seconds", GoDefaults, "Seconds that reconciles took, by controller.", "controller");

    public static readonly MetricDefinition ActiveModels = Gauge("llmkube_active_models_total", "Models that exist. A gauge, whatever its name says.");

    public static readonly MetricDefinition ActiveServices = Gauge(
        "llmkube_active_inferenceservices_total", "InferenceServices that exist. A gauge, whatever its name says.");

    public static readonly MetricDefinition ModelFailures = Counter(
        "llmkube_model_failures_total",
        "Times that a Model became Degraded, or stayed so and took another reason, in each of its volumes; a fetch that fails again and again for one reason counts once. reason: that of the condition Degraded.",
        "reason");

    public static readonly MetricDefinition ModelDownloadBytes = Counter(
        "llmkube_model_download_bytes_total",
        "Bytes that fetches transferred: grows while they run, about every ten seconds, and is exact at their end. What a fetch transferred before an operator took over is not counted by it.");

    public static readonly MetricDefinition ModelDownloadResumes = Counter(
        "llmkube_model_download_resumes_total",
        "Times that a fetch went on where it, or an earlier run of it, had stopped. Known as late as the bytes are, and by the same operators.");

    public static readonly MetricDefinition ModelDownloadProgress = Gauge(
        "llmkube_model_download_progress_ratio",
        "The part of the file that is there, from 0 to 1, read about every ten seconds. There only while the Model is being fetched and the length of the file is known.",
        "model", "namespace");

    public static readonly MetricDefinition ModelDownloadStarted = Gauge(
        "llmkube_model_download_started_timestamp_seconds",
        "When the run of the fetch that is under way began, in seconds since 1970. There only while the Model is being fetched (phase Downloading or Copying).",
        "model", "namespace");

    public static readonly MetricDefinition ModelSize = Gauge(
        "llmkube_model_size_bytes", "Bytes of the model's file. There from when its fetch knows the length. A Model that was fetched by an operator that did not record it has none until it is fetched anew.", "model", "namespace");

    public static readonly MetricDefinition CacheBytes = Gauge(
        "llmkube_cache_bytes",
        "Bytes of the complete files that were fetched into volumes for the Models of the namespace; a file that several Models share counts once in each volume. What is still being fetched, lies in a "
        + "volume as the source itself (pvc://), or was left by Models that are gone, is not in it. There as long as the namespace has a Model.",
        "namespace");

    public static readonly MetricDefinition CacheArtifacts = Gauge(
        "llmkube_cache_artifacts",
        "Complete files that were fetched into volumes for the Models of the namespace, as llmkube_cache_bytes has them, those of one source in one volume as one. There as long as the namespace has a Model.",
        "namespace");

    public static readonly MetricDefinition ServiceReplicas = Gauge(
        "llmkube_inferenceservice_replicas",
        "Pods of the InferenceService by state: desired (wanted), current (existing), ready (serving). There as long as the InferenceService.",
        "inferenceservice", "namespace", "state");

    public static readonly MetricDefinition ServiceInfo = Gauge(
        "llmkube_inferenceservice_info",
        "Always 1; its labels say which model is served, by which runtime, on which accelerator (cpu, cuda, rocm, intel, vulkan, metal, or unknown without the Model). There as long as the InferenceService.",
        "inferenceservice", "namespace", "model", "runtime", "accelerator");

    public static readonly MetricDefinition ServiceCondition = Gauge(
        "llmkube_inferenceservice_condition",
        "1 for the status (True, False, Unknown) that a condition of the InferenceService has, 0 for the others. There as long as the condition.",
        "inferenceservice", "namespace", "type", "status");

    public static readonly MetricDefinition ServiceRestarts = Counter(
        "llmkube_inferenceservice_restarts_total",
        "Restarts of the InferenceService's containers that this process has seen, by the cause of the last end: OOMKilled, CrashLooping (it failed), Completed (exit code 0), DriverIncompatible, "
        + "InsufficientGPUMemory, ModelMissing, PodCreationFailed, DownloadFailed, Interrupted, Unknown. The first three there as long as the InferenceService, others from their first restart.",
        "inferenceservice", "namespace", "reason");

    public static readonly MetricDefinition ServiceGpus = Gauge(
        "llmkube_inferenceservice_gpu_requested",
        "GPUs that all wanted pods of the InferenceService request together; 0 on the CPU. There as long as the InferenceService.",
        "inferenceservice", "namespace");

    public static readonly MetricDefinition ServiceOffloaded = Gauge(
        "llmkube_inferenceservice_offloaded_layers_ratio",
        "Share of the model's layers that are on GPUs, from 0 (the CPU does all) to 1, by the server's own words; of pods that differ, the least. "
        + "There while an InferenceService that requests GPUs serves and it is known.",
        "inferenceservice", "namespace");

    public static readonly MetricDefinition ServiceRolloutDuration = Histogram(
        "llmkube_inferenceservice_rollout_duration_seconds",
        Exponential(5, 10),
        "Seconds from the begin of a rollout, of the first pods or of a replacement, until all wanted pods serve the current spec; a change of replicas alone is no rollout. "
        + "There as long as the namespace has an InferenceService.",
        "namespace");

    public static readonly MetricDefinition GpuQueueServices = Gauge(
        "llmkube_gpu_queue_services", "InferenceServices with pods that wait for a GPU, for each namespace that has InferenceServices.", "namespace");

    public static readonly MetricDefinition GpuQueueOldest = Gauge(
        "llmkube_gpu_queue_oldest_seconds", "Seconds that the InferenceService that has waited the longest for a GPU has waited so far; 0 if none waits.");

    public static readonly MetricDefinition StatusWrites = Counter(
        "llmkube_status_writes_total", "Status updates that the API server took, by kind (Model, InferenceService).", "kind");

    public static readonly MetricDefinition Applies = Counter(
        "llmkube_apply_total",
        "Child objects that were made to be as they should be, by kind and by what that took: created, updated, unchanged (nothing was sent, or it changed nothing), conflict or failed.",
        "kind", "result");

    public static readonly MetricDefinition SpanExportFailures = Counter("llmkube_otlp_export_failures_total", "Batches of spans that could not be exported and are lost.");

    public static readonly MetricDefinition BuildInfo = Gauge(
        "llmkube_build_info", "Always 1; its labels say the operator's version, the revision of its source, and the version of .NET.", "version", "revision", "dotnet");

    /// <summary>All of them, as the documentation groups them.</summary>
    public static IReadOnlyList<(string About, IReadOnlyList<MetricDefinition> Metrics)> Groups { get; } =
    [
        ("Models", [ModelStatus, ModelSize, ModelDownloadProgress, ModelDownloadStarted, ModelDownloadDuration, ModelDownloadBytes, ModelDownloadResumes, ModelFailures, CacheBytes, CacheArtifacts, ActiveModels]),
        ("InferenceServices",
        [
            ServicePhase, ServiceCondition, ServiceReplicas, ServiceGpus, ServiceOffloaded, ServiceInfo, ServiceReadyDuration, ServiceRolloutDuration, ServiceRestarts, ActiveServices,
        ]),
        ("The queue for GPUs", [GpuQueueDepth, GpuQueueServices, GpuQueueOldest, GpuQueueWait]),
        ("The operator's work", [Reconciles, ReconcileDuration, Applies, StatusWrites, SpanExportFailures, BuildInfo]),
    ];

    private static MetricDefinition Counter(string name, string help, params string[] labels) => new(MetricType.Counter, name, help, labels);

    private static MetricDefinition Gauge(string name, string help, params string[] labels) => new(MetricType.Gauge, name, help, labels);

    private static MetricDefinition Histogram(string name, double[] buckets, string help, params string[] labels) =>
        new(MetricType.Histogram, name, help, labels) { Buckets = buckets };

    private static double[] Exponential(double start, int count) => Prometheus.Histogram.ExponentialBuckets(start, 2, count);
}
