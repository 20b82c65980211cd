using System.Globalization;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Selecting;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>
/// The last known state of the objects of an informer. What it hands out is shared and must not be changed. Any thread may read;
/// the informer alone writes. Our own writes can be told to it before the watch does (<see cref="Foresee"/>), so that who has written
/// reads what was written.
/// </summary>
internal sealed class Store<T>(StoreMutationDetector? detector = null)
    where T : IKubernetesObject<V1ObjectMeta>
{
    private const int RememberedGone = 4096;

    // Guards everything below. An index is built when it is first asked for, and kept from then on.
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, T> _objects = [];

    // Answers to our own writes that the watch has not brought yet. Each is newer than what _objects has.
    private readonly Dictionary<ObjectKey, T> _ahead = [];

    // The uids of objects that the API server has answered are gone, though the watch has not brought that yet.
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);

    // The uids of the last objects to go, oldest first: an answer about one of them comes too late.
    private readonly Queue<string> _gone = [];
    private readonly HashSet<string> _isGone = new(StringComparer.Ordinal);

    private readonly Dictionary<string, StoreIndex<T>> _byLabel = new(StringComparer.Ordinal);
    private StoreIndex<T>? _byNamespace;
    private StoreIndex<T>? _byOwner;

    public int Count
    {
        get
        {
            lock (_gate) return _objects.Count;
        }
    }

    /// <summary>An object, our own last write of it included.</summary>
    public T? Get(ObjectKey key)
    {
        lock (_gate)
        {
            var entity = _ahead.Count > 0 && _ahead.TryGetValue(key, out var ahead) ? ahead : _objects.GetValueOrDefault(key);
            return entity is not null && HasEnded(entity) ? default : entity;
        }
    }

    /// <summary>An object as list or watch brought it.</summary>
    public T? GetSeen(ObjectKey key)
    {
        lock (_gate) return _objects.GetValueOrDefault(key);
    }

    /// <summary>All keys that list or watch brought, as of now.</summary>
    public List<ObjectKey> Keys()
    {
        lock (_gate) return [.. _objects.Keys];
    }

    /// <summary>The objects of a namespace, or of all, whose labels match.</summary>
    public List<T> List(string? @namespace, LabelExpression labels)
    {
        var found = new List<T>();
        lock (_gate)
        {
            if (Narrowed(@namespace, labels) is { } keys)
            {
                foreach (var key in keys) AddIfMatching(key, _objects[key]);
            }
            else
            {
                foreach (var (key, entity) in _objects) AddIfMatching(key, entity);
            }

            foreach (var entity in _ahead.Values)
            {
                if (Matches(entity)) found.Add(entity);
            }
        }

        return found;

        void AddIfMatching(ObjectKey key, T entity)
        {
            if (Matches(entity) && (_ahead.Count == 0 || !_ahead.ContainsKey(key))) found.Add(entity);
        }

        bool Matches(T entity) =>
            !HasEnded(entity)
            && (@namespace is null || entity.Metadata.NamespaceProperty == @namespace) && labels.Matches(entity.Metadata.Labels);
    }

    /// <summary>The objects that name an owner with a uid in their owner references.</summary>
    public List<T> OwnedBy(string uid)
    {
        lock (_gate)
        {
            _byOwner ??= Built(OwnersOf);
            return [.. _byOwner[uid].Select(key => _objects[key])];
        }
    }

    /// <summary>Tells of an object that the API server answered to a write or a live read, if it is newer than what is known.</summary>
    public void Foresee(T entity)
    {
        var key = ObjectKey.Of(entity);
        detector?.Remember(entity);
        lock (_gate)
        {
            if (IsEnd(entity.Metadata))
            {
                // Of one that we don't know we would never hear the end, and would remember it for ever.
                if (_objects.TryGetValue(key, out var known) && known.Metadata.Uid == entity.Metadata.Uid) _ended.Add(entity.Metadata.Uid);
                return;
            }

            if (_isGone.Contains(entity.Metadata.Uid ?? "")) return;
            if (_objects.TryGetValue(key, out var seen) && !IsNewer(entity, seen)) return;
            if (_ahead.TryGetValue(key, out var before) && !IsNewer(entity, before)) return;
            _ahead[key] = entity;
        }
    }

    /// <summary>Adds or replaces an object.</summary>
    /// <returns>What it replaced.</returns>
    public T? Set(ObjectKey key, T entity)
    {
        detector?.Remember(entity);
        lock (_gate)
        {
            var old = Unindexed(key);
            if (old?.Metadata.Uid is { } uid && uid != entity.Metadata.Uid) RememberGone(uid);
            _objects[key] = entity;
            foreach (var index in Indexes()) index.Add(key, entity);
            if (_ahead.Count > 0 && _ahead.TryGetValue(key, out var ahead) && !IsNewer(ahead, entity)) _ahead.Remove(key);
            return old;
        }
    }

    /// <summary>Removes an object.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="version">The version at which it was gone.</param>
    /// <returns>What it was; null if there was none.</returns>
    public T? Remove(ObjectKey key, string? version)
    {
        lock (_gate)
        {
            var old = Unindexed(key);
            _objects.Remove(key);
            if (old?.Metadata.Uid is { } uid) RememberGone(uid);
            if (_ahead.TryGetValue(key, out var ahead) && !IsNewer(ahead.Metadata.ResourceVersion, version)) _ahead.Remove(key);
            return old;
        }
    }

    /// <summary>Forgets foreseen objects that a complete list of a version does not have.</summary>
    public void ForgetForeseen(string? version, IReadOnlySet<ObjectKey> present)
    {
        lock (_gate)
        {
            foreach (var (key, entity) in _ahead)
            {
                if (!present.Contains(key) && !IsNewer(entity.Metadata.ResourceVersion, version)) _ahead.Remove(key);
            }
        }
    }

    // Nothing holds it back any more: the answer to the removal of a last finalizer. (A pod may still have its grace period.)
    private static bool IsEnd(V1ObjectMeta metadata) =>
        metadata is { DeletionTimestamp: not null, Finalizers: null or [], DeletionGracePeriodSeconds: null or 0 };

    private bool HasEnded(T entity) => _ended.Count > 0 && _ended.Contains(entity.Metadata.Uid ?? "");

    private static bool IsNewer(T one, T other) => IsNewer(one.Metadata.ResourceVersion, other.Metadata.ResourceVersion);

    // Resource versions of one kind are numbers that grow; clients may compare them since Kubernetes 1.35 says so (KEP-5504).
    // A version that is no number is never newer, and nothing is foreseen then.
    private static bool IsNewer(string? one, string? other) =>
        ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
        && a > b;

    private static string[] OwnersOf(T entity) =>
        entity.Metadata.OwnerReferences is { Count: > 0 } owners ? [.. owners.Select(owner => owner.Uid)] : [];

    private void RememberGone(string uid)
    {
        _ended.Remove(uid);
        if (!_isGone.Add(uid)) return;
        _gone.Enqueue(uid);
        if (_gone.Count > RememberedGone) _isGone.Remove(_gone.Dequeue());
    }

    private T? Unindexed(ObjectKey key)
    {
        if (!_objects.TryGetValue(key, out var old)) return default;
        foreach (var index in Indexes()) index.Remove(key, old);
        detector?.Verify(old);
        return old;
    }

    // The smallest set that an index offers; null if none helps.
    private IReadOnlySet<ObjectKey>? Narrowed(string? @namespace, LabelExpression labels)
    {
        IReadOnlySet<ObjectKey>? narrowest = null;
        foreach (var requirement in labels.Requirements)
        {
            if (requirement.OnlyValue is not { } value) continue;
            if (!_byLabel.TryGetValue(requirement.Key, out var index))
            {
                var label = requirement.Key;
                index = Built(entity => entity.Metadata.Labels?.TryGetValue(label, out var of) is true ? [of] : []);
                _byLabel.Add(label, index);
            }

            if (narrowest is null || index[value].Count < narrowest.Count) narrowest = index[value];
        }

        if (@namespace is null) return narrowest;
        _byNamespace ??= Built(entity => [entity.Metadata.NamespaceProperty ?? ""]);
        var inNamespace = _byNamespace[@namespace];
        return narrowest is null || inNamespace.Count < narrowest.Count ? inNamespace : narrowest;
    }

    private StoreIndex<T> Built(Func<T, IEnumerable<string>> valuesOf)
    {
        var index = new StoreIndex<T>(valuesOf);
        foreach (var (key, entity) in _objects) index.Add(key, entity);
        return index;
    }

    private IEnumerable<StoreIndex<T>> Indexes()
    {
        foreach (var index in _byLabel.Values) yield return index;
        if (_byNamespace is not null) yield return _byNamespace;
        if (_byOwner is not null) yield return _byOwner;
    }
}
