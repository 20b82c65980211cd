using System.Globalization;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>
/// All objects of one type, kept by list and watch. Items are shared: never change one, <see cref="Objects.Copy{T}"/> it first.
/// What this process wrote itself is seen at once (<see cref="Observe"/>), before its event arrives.
/// </summary>
internal sealed partial class WatchCache<T>(ClusterApi api, ResourceType type, Lock gate, TimeProvider time, ILogger logger) : IWatchCache
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    // The gate is shared by all caches of a process: handlers run under it and may read other caches,
    // so two gates would be taken in both orders.
    private readonly Lock _gate = gate;
    private readonly Dictionary<ObjectKey, T> _items = [];
    private readonly HashSet<string> _deleted = [];
    private readonly List<CacheIndex<T>> _indexes = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // How far list and watch have come; null: not known.
    private string? _resourceVersion;

    /// <summary>Told of every change in order, under the gate: do little. (before, after); one of them is null when the object came or went.</summary>
    public event Action<T?, T?>? Changed;

    public Task Synced => _synced.Task;

    public ResourceType Type { get; } = type;

    public IReadOnlyList<T> All()
    {
        lock (_gate) return [.. _items.Values];
    }

    public T? Find(ObjectKey key)
    {
        lock (_gate) return _items.GetValueOrDefault(key);
    }

    public T? Find(string? ns, string name) => Find(new ObjectKey(ns ?? "", name));

    /// <param name="keys">The values under which an item is found.</param>
    public CacheIndex<T> AddIndex(Func<T, IEnumerable<string>> keys)
    {
        lock (_gate)
        {
            var index = new CacheIndex<T>(_gate, keys);
            _indexes.Add(index);
            foreach (var item in _items.Values) index.Add(item);
            return index;
        }
    }

    /// <summary>Takes in the answer to a write of this process.</summary>
    public T Observe(T written)
    {
        lock (_gate)
        {
            // What is not there though the watch is past this answer has ended since, or by this very write.
            var hasEnded = !_items.ContainsKey(ObjectKey.Of(written)) && !IsNewer(written.Metadata.ResourceVersion, _resourceVersion);
            if (!hasEnded && !_deleted.Contains(written.Metadata.Uid)) Put(written);
        }

        return written;
    }

    /// <summary>Notes that the server has accepted the deletion: until its event arrives, <see cref="IsDeleting"/> says so.</summary>
    public void ObserveDeletion(T item)
    {
        lock (_gate)
        {
            if (_items.TryGetValue(ObjectKey.Of(item), out var known) && known.Metadata.Uid == item.Metadata.Uid) _deleted.Add(item.Metadata.Uid);
        }
    }

    public bool IsDeleting(T item)
    {
        if (item.Metadata.DeletionTimestamp is not null) return true;
        lock (_gate) return _deleted.Contains(item.Metadata.Uid);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (_resourceVersion is null) await ListAsync(cancellation);
                failures = await WatchAsync(cancellation) ? 0 : failures + 1;
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e.IsExpired())
            {
                LogRelist(logger, Type.Plural);
                _resourceVersion = null;
                failures++;
            }
            catch (HttpRequestException e) when (e.InnerException is EndOfStreamException)
            {
                failures++; // The server ended a stream on which nothing had come: the client can't tell that from a broken one.
            }
#pragma warning disable CA1031 // Whatever broke the stream, the next attempt resumes it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogBroken(logger, Type.Plural, e);
                failures++;
            }

            if (failures > 1) await DelayAsync(failures, cancellation);
        }
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        var (items, version) = await api.ListAsync<T>(Type, null, cancellation);
        lock (_gate)
        {
            var listed = items.ToDictionary(ObjectKey.Of);
            // What this process wrote after the list was taken is newer than the list.
            foreach (var (key, known) in _items.ToArray())
            {
                if (!listed.TryGetValue(key, out var now) ? !IsNewer(known.Metadata.ResourceVersion, version) : now.Metadata.Uid != known.Metadata.Uid) Remove(key, known);
            }

            foreach (var item in items) Put(item);
            _resourceVersion = version;
        }

        _synced.TrySetResult();
    }

    /// <returns>Whether the stream brought anything.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellation)
    {
        var any = false;
        await foreach (var (kind, item) in api.WatchAsync<T>(Type, _resourceVersion!, cancellation))
        {
            any = true;
            lock (_gate)
            {
                if (kind is WatchEventType.Added or WatchEventType.Modified) Put(item);
                else if (kind is WatchEventType.Deleted && _items.TryGetValue(ObjectKey.Of(item), out var known) && known.Metadata.Uid == item.Metadata.Uid) Remove(ObjectKey.Of(item), known);
                if (!string.IsNullOrEmpty(item.Metadata?.ResourceVersion)) _resourceVersion = item.Metadata.ResourceVersion;
            }
        }

        return any;
    }

    private void Put(T item)
    {
        var key = ObjectKey.Of(item);
        if (_items.TryGetValue(key, out var known))
        {
            if (!IsNewer(item.Metadata.ResourceVersion, known.Metadata.ResourceVersion)) return;
            if (known.Metadata.Uid != item.Metadata.Uid)
            {
                Remove(key, known);
                known = null;
            }
        }

        _items[key] = item;
        foreach (var index in _indexes) index.Replace(known, item);
        Changed?.Invoke(known, item);
    }

    private void Remove(ObjectKey key, T known)
    {
        _items.Remove(key);
        _deleted.Remove(known.Metadata.Uid);
        foreach (var index in _indexes) index.Replace(known, null);
        Changed?.Invoke(known, null);
    }

    /// <remarks>Resource versions of one type are ordered integers on every server whose objects come from one store.</remarks>
    private static bool IsNewer(string? version, string? than) =>
        !ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        || !ulong.TryParse(than, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
        || a > b;

    private async Task DelayAsync(int failures, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(100 << Math.Min(failures - 2, 6), 5_000)), time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(2001, LogLevel.Debug, "History of {Resource} is gone; listing again")]
    private static partial void LogRelist(ILogger logger, string resource);

    [LoggerMessage(2002, LogLevel.Information, "Watch of {Resource} broke off; resuming")]
    private static partial void LogBroken(ILogger logger, string resource, Exception cause);
}

internal interface IWatchCache
{
    Task Synced { get; }

    Task RunAsync(CancellationToken cancellation);
}
