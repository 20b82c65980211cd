using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>The caches of one process part, one per type that someone asked for before it was started.</summary>
internal sealed class ClusterCaches(ClusterApi api, TimeProvider time, ILoggerFactory loggers)
{
    private readonly Dictionary<Type, IWatchCache> _caches = [];
    private readonly ILogger _logger = loggers.CreateLogger("LlmKube.Operator.LocalCluster.Watching");

    public Lock Gate { get; } = new();

    public ClusterApi Api { get; } = api;

    public TimeProvider Time { get; } = time;

    public ILoggerFactory Loggers { get; } = loggers;

    /// <summary>The wall clock as the API writes it: whole seconds.</summary>
    public DateTime Now
    {
        get
        {
            var now = Time.GetUtcNow().UtcDateTime;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    public WatchCache<T> Of<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_caches.TryGetValue(typeof(T), out var known)) return (WatchCache<T>)known;
        var cache = Create<T>(ResourceType.Of<T>());
        _caches[typeof(T)] = cache;
        return cache;
    }

    /// <summary>A cache beside the typed ones, which its caller runs.</summary>
    public WatchCache<T> Create<T>(ResourceType type)
        where T : class, IKubernetesObject<V1ObjectMeta> => new(Api, type, Gate, Time, _logger);

    /// <summary>Pods by the uid of their controller.</summary>
    public CacheIndex<V1Pod> PodsByController => field ??= Of<V1Pod>().AddIndex(Objects.ControllerUid);

    public CacheIndex<V1Pod> PodsByNamespace => field ??= Of<V1Pod>().AddIndex(p => [p.Metadata.NamespaceProperty]);

    public Task Synced => Task.WhenAll(_caches.Values.Select(c => c.Synced));

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(_caches.Values.Select(c => c.RunAsync(cancellation)));
}
