using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>Finds the items of a cache by a value of theirs without a scan.</summary>
internal sealed class CacheIndex<T>(Lock gate, Func<T, IEnumerable<string>> keys)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Dictionary<string, Dictionary<ObjectKey, T>> _buckets = [];

    public IReadOnlyList<T> this[string? key]
    {
        get
        {
            lock (gate) return key is not null && _buckets.TryGetValue(key, out var bucket) ? [.. bucket.Values] : [];
        }
    }

    internal void Add(T item) => Replace(null, item);

    internal void Replace(T? before, T? after)
    {
        if (before is not null)
        {
            foreach (var key in keys(before))
            {
                if (!_buckets.TryGetValue(key, out var bucket)) continue;
                bucket.Remove(ObjectKey.Of(before));
                if (bucket.Count == 0) _buckets.Remove(key);
            }
        }

        if (after is null) return;
        foreach (var key in keys(after))
        {
            if (!_buckets.TryGetValue(key, out var bucket)) _buckets[key] = bucket = [];
            bucket[ObjectKey.Of(after)] = after;
        }
    }
}
