using System.Collections.Concurrent;
using k8s.Models;
using LlmKube.Operator.Entities;
using Prometheus;

namespace LlmKube.Operator.Metrics;

/// <summary>
/// Records what the operator counts and times: the one place that owns these instruments. States (phases, queue depth, totals) are not recorded;
/// <see cref="StateMetrics"/> computes them at each scrape. Counters are there from the start, at zero; what is counted per object goes with it.
/// </summary>
internal sealed class OperatorMetrics
{
    /// <summary>Reasons of restarts whose series are there before it happens, without which rate() would not see the first time.</summary>
    public static readonly IReadOnlyList<string> CommonEnds = [Reasons.OOMKilled, Reasons.CrashLooping, "Completed"];

    private const string Success = "success";
    private const string Error = "error";

    private readonly Histogram _downloads;
    private readonly Counter _downloadedBytes;
    private readonly Counter _resumes;
    private readonly Counter _modelFailures;
    private readonly Histogram _ready;
    private readonly Histogram _rollouts;
    private readonly Histogram _queueWait;
    private readonly Counter _restarts;
    private readonly Counter _reconciles;
    private readonly Histogram _reconcileTime;
    private readonly Counter _applies;
    private readonly Counter _statusWrites;
    private readonly Counter _exportFailures;

    // Guards the two below and the coming and going of the series of their objects.
    private readonly Lock _gate = new();
    private readonly Namesakes _models = new();
    private readonly Namesakes _services = new();

    // All reasons of restarts that have been seen: what has to go with a service.
    private readonly ConcurrentDictionary<string, byte> _ends = new(CommonEnds.Select(e => KeyValuePair.Create(e, (byte)0)));

    /// <summary>Registers the instruments.</summary>
    public OperatorMetrics(CollectorRegistry registry)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        _downloads = MetricDefinitions.ModelDownloadDuration.Histogram(factory);
        _downloadedBytes = MetricDefinitions.ModelDownloadBytes.Counter(factory);
        _resumes = MetricDefinitions.ModelDownloadResumes.Counter(factory);
        _modelFailures = MetricDefinitions.ModelFailures.Counter(factory);
        _ready = MetricDefinitions.ServiceReadyDuration.Histogram(factory);
        _rollouts = MetricDefinitions.ServiceRolloutDuration.Histogram(factory);
        _queueWait = MetricDefinitions.GpuQueueWait.Histogram(factory);
        _restarts = MetricDefinitions.ServiceRestarts.Counter(factory);
        _reconciles = MetricDefinitions.Reconciles.Counter(factory);
        _reconcileTime = MetricDefinitions.ReconcileDuration.Histogram(factory);
        _applies = MetricDefinitions.Applies.Counter(factory);
        _statusWrites = MetricDefinitions.StatusWrites.Counter(factory);
        _exportFailures = MetricDefinitions.SpanExportFailures.Counter(factory);
        var build = BuildIdentity.Current;
        MetricDefinitions.BuildInfo.Gauge(factory).WithLabels(build.Version, build.Revision, build.Dotnet).Set(1);
        BeginAtZero();
    }

    /// <summary>A model has been fetched and verified.</summary>
    /// <param name="model">The Model.</param>
    /// <param name="source">Where the bytes came from.</param>
    /// <param name="took">From the start of the fetch to its end.</param>
    public void ModelDownloaded(V1ObjectMeta model, SourceType source, TimeSpan took)
    {
        lock (_gate)
        {
            if (_models.Replaces(model)) RemoveModel(model);
            _downloads.WithLabels(model.Name, model.NamespaceProperty, source == SourceType.Local ? "local" : "remote").Observe(took.TotalSeconds);
        }
    }

    /// <summary>A fetch has come further.</summary>
    /// <param name="bytes">So many bytes more have been transferred.</param>
    /// <param name="resumes">So many times more it went on where it had stopped.</param>
    public void Downloaded(long bytes, int resumes)
    {
        _downloadedBytes.Inc(bytes);
        _resumes.Inc(resumes);
    }

    /// <summary>A Model has failed, or failed anew for another reason.</summary>
    /// <param name="reason">That of its condition Degraded.</param>
    public void ModelFailed(string reason) => _modelFailures.WithLabels(ModelFailureReasons.Known(reason)).Inc();

    /// <summary>A generation of a service has become Ready for the first time.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="took">From the first sight of the generation.</param>
    public void ServiceBecameReady(string @namespace, string service, TimeSpan took) =>
        _ready.WithLabels(service, @namespace).Observe(took.TotalSeconds);

    /// <summary>All wanted pods of a service serve the current spec.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="took">From the begin of the rollout.</param>
    public void RolledOut(string @namespace, TimeSpan took) => _rollouts.WithLabels(@namespace).Observe(took.TotalSeconds);

    /// <summary>A service waits for a GPU no longer.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="waited">How long it waited.</param>
    public void GpuWaitEnded(string @namespace, string service, TimeSpan waited) =>
        _queueWait.WithLabels(service, @namespace).Observe(waited.TotalSeconds);

    /// <summary>From now on restarts of a service's containers can be counted, and rollouts in its namespace.</summary>
    public void ServiceMet(V1ObjectMeta service)
    {
        lock (_gate)
        {
            if (_services.Replaces(service)) RemoveService(service);
            foreach (var end in CommonEnds) _restarts.WithLabels(service.Name, service.NamespaceProperty, end);
            _rollouts.WithLabels(service.NamespaceProperty);
        }
    }

    /// <summary>Containers of a service have been restarted.</summary>
    /// <param name="namespace">The service's namespace.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="reason">Why the container ended, in one of few words.</param>
    /// <param name="times">How often.</param>
    public void Restarted(string @namespace, string service, string reason, int times)
    {
        _ends.TryAdd(reason, 0);
        _restarts.WithLabels(service, @namespace, reason).Inc(times);
    }

    /// <summary>A reconcile has ended.</summary>
    /// <param name="controller">One of <see cref="Controllers"/>.</param>
    /// <param name="succeeded">False if it threw or returned a failure without a time to look again.</param>
    /// <param name="took">How long it ran.</param>
    public void Reconciled(string controller, bool succeeded, TimeSpan took)
    {
        _reconciles.WithLabels(controller, succeeded ? Success : Error).Inc();
        _reconcileTime.WithLabels(controller).Observe(took.TotalSeconds);
    }

    /// <summary>A child object has been made as it should be, or could not be.</summary>
    /// <param name="kind">One of <see cref="ApplyResults.Kinds"/>.</param>
    /// <param name="result">One of <see cref="ApplyResults"/>.</param>
    public void Applied(string kind, string result) => _applies.WithLabels(kind, result).Inc();

    /// <summary>The API server has taken a status.</summary>
    /// <param name="kind">Model or InferenceService.</param>
    public void StatusWritten(string kind) => _statusWrites.WithLabels(kind).Inc();

    /// <summary>A batch of spans could not be exported.</summary>
    public void SpanExportFailed() => _exportFailures.Inc();

    /// <summary>A Model is gone: its series go with it, unless another one has its name by now.</summary>
    public void ForgetModel(V1ObjectMeta model)
    {
        lock (_gate)
        {
            if (_models.Forget(model)) RemoveModel(model);
        }
    }

    /// <summary>A service is gone: its series go with it, unless another one has its name by now.</summary>
    public void ForgetService(V1ObjectMeta service)
    {
        lock (_gate)
        {
            if (!_services.Forget(service)) return;
            RemoveService(service);
            if (!_services.AnyIn(service.NamespaceProperty)) _rollouts.RemoveLabelled(service.NamespaceProperty);
        }
    }

    private void RemoveModel(V1ObjectMeta model)
    {
        _downloads.RemoveLabelled(model.Name, model.NamespaceProperty, "local");
        _downloads.RemoveLabelled(model.Name, model.NamespaceProperty, "remote");
    }

    private void RemoveService(V1ObjectMeta service)
    {
        _ready.RemoveLabelled(service.Name, service.NamespaceProperty);
        _queueWait.RemoveLabelled(service.Name, service.NamespaceProperty);
        foreach (var end in _ends.Keys) _restarts.RemoveLabelled(service.Name, service.NamespaceProperty, end);
    }

    private void BeginAtZero()
    {
        foreach (var controller in Controllers.All)
        {
            _reconciles.WithLabels(controller, Success);
            _reconciles.WithLabels(controller, Error);
            _reconcileTime.WithLabels(controller);
        }

        foreach (var reason in ModelFailureReasons.All) _modelFailures.WithLabels(reason);
        foreach (var kind in (string[])[Model.KubeKind, InferenceService.KubeKind]) _statusWrites.WithLabels(kind);
        foreach (var kind in ApplyResults.Kinds)
        {
            foreach (var result in ApplyResults.All) _applies.WithLabels(kind, result);
        }
    }
}
