using LlmKube.Operator.Engine.Queue;
using Prometheus;

namespace LlmKube.Operator.Engine.Metrics;

/// <summary>
/// The engine's instruments, under controller-runtime's names and labels wherever it has them, so that its dashboards and alerts work.
/// </summary>
internal sealed class EngineMetrics
{
    // controller-runtime's bounds for reconciles (pkg/internal/controller/metrics).
    private static readonly double[] ReconcileBounds =
    [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5,
        4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ];

    private static readonly double[] QueueBounds = Histogram.ExponentialBuckets(1e-8, 10, 12);

    private static readonly string[] EventResults = ["created", "repeated", "dropped", "skipped", "failed"];

    private readonly CollectorRegistry _registry;
    private readonly Counter _reconciles;
    private readonly Counter _errors;
    private readonly Counter _terminalErrors;
    private readonly Histogram _times;
    private readonly Gauge _maxWorkers;
    private readonly Gauge _activeWorkers;
    private readonly Gauge _depth;
    private readonly Counter _adds;
    private readonly Counter _retries;
    private readonly Histogram _waited;
    private readonly Histogram _worked;
    private readonly Gauge _unfinished;
    private readonly Gauge _longest;
    private readonly Gauge _isLeader;
    private readonly Counter _requests;
    private readonly Counter _requestTargets;
    private readonly Gauge _lastHeard;
    private readonly Gauge _undecodable;
    private readonly Counter _events;

    public EngineMetrics(CollectorRegistry registry)
    {
        _registry = registry;
        var make = Prometheus.Metrics.WithCustomRegistry(registry);
        _reconciles = make.CreateCounter(
            "controller_runtime_reconcile_total", "Reconciliations per controller, by how they ended.", "controller", "result");
        _errors = make.CreateCounter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.", "controller");
        _terminalErrors = make.CreateCounter(
            "controller_runtime_terminal_reconcile_errors_total", "Reconciliations that failed in a way that no retry can mend.", "controller");
        _times = make.CreateHistogram(
            "controller_runtime_reconcile_time_seconds",
            "How long reconciliations took.",
            ["controller"],
            new HistogramConfiguration { Buckets = ReconcileBounds });
        _maxWorkers = make.CreateGauge(
            "controller_runtime_max_concurrent_reconciles", "How many reconciliations may run at once.", "controller");
        _activeWorkers = make.CreateGauge("controller_runtime_active_workers", "How many workers are at work.", "controller");
        _depth = make.CreateGauge("workqueue_depth", "Keys that are ready and wait for a worker.", "name", "controller");
        _adds = make.CreateCounter("workqueue_adds_total", "Keys that were added and were not waiting already.", "name", "controller");
        _retries = make.CreateCounter("workqueue_retries_total", "Keys that were added for later, or once more.", "name", "controller");
        _waited = make.CreateHistogram(
            "workqueue_queue_duration_seconds",
            "How long keys were ready before a worker took them.",
            ["name", "controller"],
            new HistogramConfiguration { Buckets = QueueBounds });
        _worked = make.CreateHistogram(
            "workqueue_work_duration_seconds",
            "How long work on keys took.",
            ["name", "controller"],
            new HistogramConfiguration { Buckets = QueueBounds });
        _unfinished = make.CreateGauge(
            "workqueue_unfinished_work_seconds", "How long work in progress has taken so far, all together.", "name", "controller");
        _longest = make.CreateGauge(
            "workqueue_longest_running_processor_seconds", "How long the longest work in progress has taken so far.", "name", "controller");
        _isLeader = make.CreateGauge(
            "leader_election_master_status", "1 if this process holds the lease of that name, else 0.", "name");
        _requests = make.CreateCounter(
            "rest_client_requests_total", "Requests to the API server, by response.", "code", "method", "host");
        _requestTargets = make.CreateCounter(
            "llmkube_api_requests_total", "Requests to the API server, by what was to be done to what: verb and resource as in RBAC.", "verb", "resource");
        _lastHeard = make.CreateGauge(
            "llmkube_watch_last_event_timestamp_seconds",
            "When a watch last brought anything, bookmarks included, in seconds since 1970.",
            "kind");
        _undecodable = make.CreateGauge(
            "llmkube_undecodable_objects", "Stored objects that can't be decoded and are left alone.", "kind");
        _events = make.CreateCounter(
            "llmkube_events_total", "Kubernetes Events, by what became of them.", "result");
        foreach (var result in EventResults) _events.WithLabels(result);
    }

    /// <summary>All instruments, whether or not they have a series yet.</summary>
    public IReadOnlyList<Collector> All =>
    [
        _reconciles, _errors, _terminalErrors, _times, _maxWorkers, _activeWorkers, _depth, _adds, _retries, _waited, _worked, _unfinished, _longest, _isLeader,
        _requests, _requestTargets, _lastHeard, _undecodable, _events,
    ];

    /// <summary>Computes gauges when they are scraped.</summary>
    public void OnScrape(Action compute) => _registry.AddBeforeCollectCallback(compute);

    /// <summary>The instruments of a controller. Its series exist from now on, at zero.</summary>
    public ControllerMetrics Controller(string name, int maxWorkers)
    {
        _maxWorkers.WithLabels(name).Set(maxWorkers);
        return new(this, name);
    }

    public void LeaderStatus(string lease, bool isLeader) => _isLeader.WithLabels(lease).Set(isLeader ? 1 : 0);

    public void Request(string code, string method, string host) => _requests.WithLabels(code, method, host).Inc();

    /// <param name="verb">For instance <c>list</c>.</param>
    /// <param name="resource">For instance <c>pods/log</c>.</param>
    public void RequestFor(string verb, string resource) => _requestTargets.WithLabels(verb, resource).Inc();

    public void LastHeard(string kind, DateTimeOffset at) => _lastHeard.WithLabels(kind).Set(at.ToUnixTimeMilliseconds() / 1000.0);

    public void Undecodable(string kind, int count) => _undecodable.WithLabels(kind).Set(count);

    /// <param name="result">created, repeated, dropped, skipped or failed.</param>
    public void Event(string result) => _events.WithLabels(result).Inc();

    /// <summary>The instruments of one controller and its queue.</summary>
    internal sealed class ControllerMetrics(EngineMetrics all, string name) : IWorkQueueObserver
    {
        private readonly Counter.Child _success = all._reconciles.WithLabels(name, "success");
        private readonly Counter.Child _requeue = all._reconciles.WithLabels(name, "requeue");
        private readonly Counter.Child _requeueAfter = all._reconciles.WithLabels(name, "requeue_after");
        private readonly Counter.Child _error = all._reconciles.WithLabels(name, "error");
        private readonly Counter.Child _errors = all._errors.WithLabels(name);
        private readonly Counter.Child _terminalErrors = all._terminalErrors.WithLabels(name);
        private readonly Histogram.Child _time = all._times.WithLabels(name);
        private readonly Gauge.Child _active = all._activeWorkers.WithLabels(name);
        private readonly Gauge.Child _depth = all._depth.WithLabels(name, name);
        private readonly Counter.Child _adds = all._adds.WithLabels(name, name);
        private readonly Counter.Child _retries = all._retries.WithLabels(name, name);
        private readonly Histogram.Child _waited = all._waited.WithLabels(name, name);
        private readonly Histogram.Child _worked = all._worked.WithLabels(name, name);
        private readonly Gauge.Child _unfinished = all._unfinished.WithLabels(name, name);
        private readonly Gauge.Child _longest = all._longest.WithLabels(name, name);

        public void Started() => _active.Inc();

        public void Ended(TimeSpan took)
        {
            _active.Dec();
            _time.Observe(took.TotalSeconds);
        }

        public void Success() => _success.Inc();

        public void Requeue() => _requeue.Inc();

        public void RequeueAfter() => _requeueAfter.Inc();

        public void Error()
        {
            _error.Inc();
            _errors.Inc();
        }

        public void TerminalError()
        {
            Error();
            _terminalErrors.Inc();
        }

        public void Unfinished(TimeSpan total, TimeSpan longest)
        {
            _unfinished.Set(total.TotalSeconds);
            _longest.Set(longest.TotalSeconds);
        }

        void IWorkQueueObserver.Added() => _adds.Inc();

        void IWorkQueueObserver.DepthChanged(int depth) => _depth.Set(depth);

        void IWorkQueueObserver.Taken(TimeSpan waited) => _waited.Observe(waited.TotalSeconds);

        void IWorkQueueObserver.Finished(TimeSpan took) => _worked.Observe(took.TotalSeconds);

        void IWorkQueueObserver.Retried() => _retries.Inc();
    }
}
