using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>
/// Records what the operator counts and times: the one place that owns these instruments. States (phases, queue depth, totals) are not recorded;
/// StateMetrics computes them at each scrape. Names, labels and buckets are those of the Go operator (LLMKube).
/// </summary>
internal sealed class OperatorMetrics
{
    private readonly Histogram _downloads;
    private readonly Histogram _ready;
    private readonly Histogram _queueWait;
    private readonly Counter _reconciles;
    private readonly Histogram _reconcileTime;

    /// <summary>Registers the instruments.</summary>
    public OperatorMetrics(CollectorRegistry registry)
    {
        var metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        _downloads = metrics.CreateHistogram(
            "llmkube_model_download_duration_seconds",
            "Time from the start of a fetch to its verified end; failed fetches are not in it.",
            ["model", "namespace", "source_type"],
            Exponential(1, 2, 12));
        _ready = metrics.CreateHistogram(
            "llmkube_inferenceservice_ready_duration_seconds",
            "Time from the first sight of a generation to its being Ready; once per generation.",
            ["inferenceservice", "namespace"],
            Exponential(5, 2, 10));
        _queueWait = metrics.CreateHistogram(
            "llmkube_gpu_queue_wait_duration_seconds",
            "Time that a service waited for a GPU, observed when the wait ends.",
            ["inferenceservice", "namespace"],
            Exponential(10, 2, 10));
        _reconciles = metrics.CreateCounter("llmkube_reconcile_total", "Reconciles by controller and result.", ["controller", "result"]);
        _reconcileTime = metrics.CreateHistogram("llmkube_reconcile_duration_seconds", "Time of a reconcile.", ["controller"], new HistogramConfiguration { Buckets = GoDefaults });
        foreach (var controller in Controllers.All)
        {
            _reconciles.WithLabels(controller, Success);
            _reconciles.WithLabels(controller, Error);
            _reconcileTime.WithLabels(controller);
        }
    }

    // The Go client's defaults, which are not prometheus-net's.
    private static readonly double[] GoDefaults = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private const string Success = "success";
    private const string Error = "error";

    /// <summary>A model has been fetched and verified.</summary>
    /// <param name="namespace">The Model's namespace.</param>
    /// <param name="model">The Model's name.</param>
    /// <param name="source">Where the bytes came from.</param>
    /// <param name="took">From the start of the fetch to its end.</param>
    public void ModelDownloaded(string @namespace, string model, SourceType source, TimeSpan took) =>
        _downloads.WithLabels(model, @namespace, source == SourceType.Local ? "local" : "remote").Observe(took.TotalSeconds);

    /// <summary>A generation of a service has become Ready for the first time.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="took">From the first sight of the generation.</param>
    public void ServiceBecameReady(string @namespace, string service, TimeSpan took) =>
        _ready.WithLabels(service, @namespace).Observe(took.TotalSeconds);

    /// <summary>A service waits for a GPU no longer.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="waited">How long it waited.</param>
    public void GpuWaitEnded(string @namespace, string service, TimeSpan waited) =>
        _queueWait.WithLabels(service, @namespace).Observe(waited.TotalSeconds);

    /// <summary>A reconcile has ended.</summary>
    /// <param name="controller">One of <see cref="Controllers"/>.</param>
    /// <param name="succeeded">False if it threw or returned a failure without a time to look again.</param>
    /// <param name="took">How long it ran.</param>
    public void Reconciled(string controller, bool succeeded, TimeSpan took)
    {
        _reconciles.WithLabels(controller, succeeded ? Success : Error).Inc();
        _reconcileTime.WithLabels(controller).Observe(took.TotalSeconds);
    }

    /// <summary>A Model is gone: its series go with it.</summary>
    public void ForgetModel(string @namespace, string model)
    {
        _downloads.RemoveLabelled(model, @namespace, "local");
        _downloads.RemoveLabelled(model, @namespace, "remote");
    }

    /// <summary>A service is gone: its series go with it.</summary>
    public void ForgetService(string @namespace, string service)
    {
        _ready.RemoveLabelled(service, @namespace);
        _queueWait.RemoveLabelled(service, @namespace);
    }

    private static HistogramConfiguration Exponential(double start, double factor, int count) =>
        new() { Buckets = Histogram.ExponentialBuckets(start, factor, count) };
}

/// <summary>Where a model's bytes come from.</summary>
internal enum SourceType
{
    /// <summary>Over the network.</summary>
    Remote,

    /// <summary>A path of the node or of a volume.</summary>
    Local,
}

/// <summary>The values of the label <c>controller</c>.</summary>
internal static class Controllers
{
    /// <summary>Models.</summary>
    public const string Model = "model";

    /// <summary>InferenceServices.</summary>
    public const string InferenceService = "inferenceservice";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Model, InferenceService];
}
