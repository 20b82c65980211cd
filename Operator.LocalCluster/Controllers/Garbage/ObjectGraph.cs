using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Garbage;

/// <summary>An object of any type, as the graph knows it.</summary>
internal sealed record GraphNode(ResourceType Type, MetadataOnly Item)
{
    public string Uid => Item.Metadata.Uid;

    public ObjectKey Key => ObjectKey.Of(Item);

    public IList<V1OwnerReference> Owners => Item.Metadata.OwnerReferences ?? [];

    public bool IsDeleting => Item.Metadata.DeletionTimestamp is not null;

    public bool Has(string finalizer) => Item.Metadata.Finalizers?.Contains(finalizer) == true;
}

/// <summary>
/// The metadata of every object of every type that discovery names, and who owns whom.
/// Follows custom resource definitions as they come and go.
/// </summary>
internal sealed partial class ObjectGraph : IDisposable
{
    private readonly ClusterCaches _caches;
    private readonly Lock _gate;
    private readonly ILogger _logger;
    private readonly WorkQueue<string> _refreshes;
    private readonly Dictionary<ResourceType, Watched> _watched = [];
    private readonly Dictionary<string, GraphNode> _nodes = [];
    private readonly Dictionary<string, HashSet<string>> _dependents = [];

    // Owners that were here and are gone while dependents are left: all that is known of them when their very type goes.
    private readonly HashSet<string> _gone = [];
    private readonly Dictionary<string, int> _perNamespace = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ResourceType> _types = [];

    public ObjectGraph(ClusterCaches caches)
    {
        _caches = caches;
        _gate = caches.Gate;
        _logger = caches.Loggers.CreateLogger("LlmKube.Operator.LocalCluster.Garbage");
        _refreshes = new(caches.Time);
        caches.Of<V1CustomResourceDefinition>().Changed += (before, now) =>
        {
            if (now is null || IsEstablished(now) != (before is not null && IsEstablished(before))) _refreshes.Add("");
        };
    }

    /// <summary>Told under the gate, in order per type.</summary>
    public event Action<GraphNode?, GraphNode?>? Changed;

    public Task Synced => _synced.Task;

    /// <summary>All deletable types, also those too fleeting to be watched (events).</summary>
    public IReadOnlyList<ResourceType> Types
    {
        get
        {
            lock (_gate) return _types;
        }
    }

    public GraphNode? Find(string uid)
    {
        lock (_gate) return _nodes.GetValueOrDefault(uid);
    }

    public IReadOnlyList<GraphNode> DependentsOf(string uid)
    {
        lock (_gate) return _dependents.TryGetValue(uid, out var found) ? [.. found.Select(u => _nodes[u])] : [];
    }

    /// <summary>True if an owner was here and is gone.</summary>
    public bool IsGone(string uid)
    {
        lock (_gate) return _gone.Contains(uid);
    }

    /// <summary>How many watched objects a namespace holds.</summary>
    public int Count(string ns)
    {
        lock (_gate) return _perNamespace.GetValueOrDefault(ns);
    }

    public ResourceType? TypeOf(V1OwnerReference owner)
    {
        var group = owner.ApiVersion.Contains('/') ? owner.ApiVersion[..owner.ApiVersion.IndexOf('/')] : "";
        return Types.FirstOrDefault(t => t.Kind == owner.Kind && t.Group == group);
    }

    public void Dispose() => _refreshes.Dispose();

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            _refreshes.Add("");
            while (true)
            {
                var key = await _refreshes.TakeAsync(cancellation);
                var failed = false;
                try
                {
                    await RefreshAsync(cancellation);
                    _refreshes.Forget(key);
                }
                catch (Exception) when (cancellation.IsCancellationRequested)
                {
                    return;
                }
#pragma warning disable CA1031 // Discovery that fails is asked again.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    LogDiscoveryFailed(_logger, e);
                    failed = true;
                }

                _refreshes.Done(key);
                if (failed) _refreshes.Retry(key);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var watched in _watched.Values) await watched.StopAsync();
        }
    }

    private async Task RefreshAsync(CancellationToken cancellation)
    {
        var types = await Discovery.DeletableAsync(_caches.Api, cancellation);
        lock (_gate) _types = types;
        var wanted = types.Where(t => t.Plural != "events").ToHashSet();
        foreach (var gone in _watched.Keys.Where(t => !wanted.Contains(t)).ToList())
        {
            await _watched[gone].StopAsync();
            _watched.Remove(gone);
            lock (_gate)
            {
                foreach (var node in _nodes.Values.Where(n => n.Type == gone).ToList()) Set(node, null);
            }
        }

        foreach (var type in wanted.Where(t => !_watched.ContainsKey(t)))
        {
            var cache = _caches.Create<MetadataOnly>(type);
            cache.Changed += (before, now) => Set(before is null ? null : new(type, before), now is null ? null : new(type, now));
            _watched[type] = new(cache, cancellation);
        }

        if (!_synced.Task.IsCompleted) _ = SyncAsync([.. _watched.Values.Select(w => w.Cache.Synced)]);
    }

    private async Task SyncAsync(IReadOnlyList<Task> first)
    {
        await Task.WhenAll(first);
        _synced.TrySetResult();
    }

    private void Set(GraphNode? before, GraphNode? now)
    {
        if (before is not null)
        {
            _nodes.Remove(before.Uid);
            foreach (var owner in before.Owners)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var siblings)) continue;
                siblings.Remove(before.Uid);
                if (siblings.Count > 0) continue;
                _dependents.Remove(owner.Uid);
                _gone.Remove(owner.Uid);
            }

            Add(before.Key.Namespace, -1);
        }

        if (now is not null)
        {
            _nodes[now.Uid] = now;
            foreach (var owner in now.Owners)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var siblings)) _dependents[owner.Uid] = siblings = [];
                siblings.Add(now.Uid);
            }

            Add(now.Key.Namespace, 1);
        }
        else if (before is not null && _dependents.ContainsKey(before.Uid))
        {
            _gone.Add(before.Uid);
        }

        Changed?.Invoke(before, now);
    }

    private void Add(string ns, int count)
    {
        if (ns.Length == 0) return;
        var sum = _perNamespace.GetValueOrDefault(ns) + count;
        if (sum == 0) _perNamespace.Remove(ns);
        else _perNamespace[ns] = sum;
    }

    private static bool IsEstablished(V1CustomResourceDefinition definition) =>
        definition.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true;

    [LoggerMessage(2201, LogLevel.Warning, "Discovery failed; asking again")]
    private static partial void LogDiscoveryFailed(ILogger logger, Exception cause);

    private sealed class Watched
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _run;

        public Watched(WatchCache<MetadataOnly> cache, CancellationToken cancellation)
        {
            Cache = cache;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _run = cache.RunAsync(_stop.Token);
        }

        public WatchCache<MetadataOnly> Cache { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
