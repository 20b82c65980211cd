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
/// <param name="detector">Looks whether someone changes what is stored.</param>
/// <param name="transform">Takes from an object what nobody reads in it, before it is stored; null: all of it is kept. The same as client-go's.</param>
/// <param name="fields">Fields of the kind, beyond name and namespace, by which objects can be listed; each is an index. As controller-runtime's IndexField.</param>
internal sealed class Store<T>(StoreMutationDetector? detector = null, Action<T>? transform = null, IReadOnlyDictionary<string, Func<T, string?>>? fields = null)
    where T : IKubernetesObject<V1ObjectMeta>
{
    private const string NameField = "metadata.name";
    private const string NamespaceField = "metadata.namespace";

    // Guards everything below. An index is built when it is first asked for, and kept from then on.
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, T> _objects = [];

    // Answers to our own writes that the watch has not brought yet. Each is newer than what _objects has.
    private readonly Dictionary<ObjectKey, T> _ahead = [];

    // The uids of objects that the API server has answered are gone, though the watch has not brought that yet.
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);

    private readonly Dictionary<string, StoreIndex<T>> _byLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoreIndex<T>> _byField = new(StringComparer.Ordinal);
    private StoreIndex<T>? _byNamespace;

    // Every change up to here is in _objects. An answer of that age or older is in there too, or came and went.
    private string? _reached;

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

    /// <summary>Whether every field of an expression is known here.</summary>
    public bool Knows(FieldExpression expression) =>
        expression.Fields.All(field => field is NameField or NamespaceField || fields?.ContainsKey(field) is true);

    /// <summary>The objects of a namespace, or of all, whose labels and fields match.</summary>
    /// <param name="namespace">The namespace; null: all.</param>
    /// <param name="labels">What their labels must be.</param>
    /// <param name="selected">What their fields must be, all of which this store <see cref="Knows"/>.</param>
    public List<T> List(string? @namespace, LabelExpression labels, FieldExpression selected)
    {
        var found = new List<T>();
        lock (_gate)
        {
            foreach (var (key, entity) in Narrowed(@namespace, labels, selected) ?? _objects) AddIfMatching(key, entity);

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
            && (@namespace is null || entity.Metadata.NamespaceProperty == @namespace) && labels.Matches(entity.Metadata.Labels)
            && (selected.IsEverything || HasFields(entity, selected));
    }

    /// <summary>Tells of an object that the API server answered to a write or a live read, if it is newer than what is known.</summary>
    public void Foresee(T entity)
    {
        var key = ObjectKey.Of(entity);
        Prepare(entity);
        lock (_gate)
        {
            // One that is not there may have come and gone. One that is there as it was before has changed since, even if the watch is past that: it has lost the event.
            var known = _objects.TryGetValue(key, out var seen) ? seen.Metadata.ResourceVersion : _reached;
            if (!IsNewer(entity.Metadata.ResourceVersion, known)) return;
            if (_ahead.TryGetValue(key, out var before) && !IsNewer(entity.Metadata.ResourceVersion, before.Metadata.ResourceVersion)) return;
            _ahead[key] = entity;
        }
    }

    /// <summary>Tells that the API server has answered that an object is gone, before the watch does.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="uid">Which object of that key; another one that has come since is not meant.</param>
    public void ForeseeEnd(ObjectKey key, string uid)
    {
        lock (_gate)
        {
            if (_ahead.TryGetValue(key, out var ahead) && ahead.Metadata.Uid == uid) _ahead.Remove(key);

            // Of one that the watch has not brought we would never hear the end, and would remember it for ever.
            if (_objects.TryGetValue(key, out var known) && known.Metadata.Uid == uid) _ended.Add(uid);
        }
    }

    /// <summary>Adds or replaces an object that list or watch brought.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="entity">The object.</param>
    /// <param name="reached">The version up to which the store is complete with it; null within a list.</param>
    public void Set(ObjectKey key, T entity, string? reached)
    {
        Prepare(entity);
        lock (_gate)
        {
            if (Unindexed(key)?.Metadata.Uid is { } uid && uid != entity.Metadata.Uid) _ended.Remove(uid);
            _objects[key] = entity;
            foreach (var index in Indexes()) index.Add(key, entity);
            CatchUp(key, entity.Metadata.ResourceVersion, reached);
        }
    }

    /// <summary>Removes an object that list or watch said is gone.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="version">The version at which it was gone.</param>
    /// <param name="reached">The version up to which the store is complete without it; null within a list.</param>
    public void Remove(ObjectKey key, string? version, string? reached)
    {
        lock (_gate)
        {
            if (Unindexed(key)?.Metadata.Uid is { } uid) _ended.Remove(uid);
            _objects.Remove(key);
            CatchUp(key, version, reached);
        }
    }

    /// <summary>Tells that a watch has come to a version. What is ahead stays so until its own object is told of, lest a watch that loses events makes us forget what we know.</summary>
    public void Reached(string? version)
    {
        lock (_gate) _reached = version;
    }

    /// <summary>Tells that a list of a version has been set or removed.</summary>
    public void Listed(string? version)
    {
        lock (_gate)
        {
            _reached = version;
            foreach (var (key, entity) in _ahead)
            {
                if (!IsNewer(entity.Metadata.ResourceVersion, version)) _ahead.Remove(key);
            }
        }
    }

    private void Prepare(T entity)
    {
        transform?.Invoke(entity);
        detector?.Remember(entity);
    }

    // Answers that list or watch have caught up with are no longer ahead.
    private void CatchUp(ObjectKey key, string? version, string? reached)
    {
        if (reached is not null) _reached = reached;
        if (_ahead.TryGetValue(key, out var ahead) && !IsNewer(ahead.Metadata.ResourceVersion, version)) _ahead.Remove(key);
    }

    private bool HasEnded(T entity) => _ended.Count > 0 && _ended.Contains(entity.Metadata.Uid ?? "");

    // Resource versions of one kind are numbers that grow; clients may compare them since Kubernetes 1.35 says so (KEP-5504).
    // A version that is no number is never newer, and nothing is foreseen then.
    private static bool IsNewer(string? one, string? other) =>
        ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
        && a > b;

    private T? Unindexed(ObjectKey key)
    {
        if (!_objects.TryGetValue(key, out var old)) return default;
        foreach (var index in Indexes()) index.Remove(key, old);
        detector?.Verify(old);
        return old;
    }

    private bool HasFields(T entity, FieldExpression selected) => selected.Matches(field => ValueOf(entity, field));

    private string ValueOf(T entity, string field) => field switch
    {
        NameField => entity.Metadata.Name,
        NamespaceField => entity.Metadata.NamespaceProperty,
        _ => fields![field](entity),
    } ?? "";

    // The smallest set that an index offers; null if none helps.
    private IReadOnlyCollection<KeyValuePair<ObjectKey, T>>? Narrowed(string? @namespace, LabelExpression labels, FieldExpression selected)
    {
        IReadOnlyCollection<KeyValuePair<ObjectKey, T>>? narrowest = null;
        foreach (var requirement in labels.Requirements)
        {
            if (requirement.OnlyValue is not { } value) continue;
            var label = requirement.Key;
            Narrow(IndexOf(_byLabel, label, entity => entity.Metadata.Labels?.TryGetValue(label, out var of) is true ? of : null)[value]);
        }

        foreach (var (field, value) in selected.OnlyValues)
        {
            if (field is not (NameField or NamespaceField)) Narrow(IndexOf(_byField, field, entity => ValueOf(entity, field))[value]);
        }

        if (@namespace is not null) Narrow((_byNamespace ??= Built(entity => entity.Metadata.NamespaceProperty ?? ""))[@namespace]);
        return narrowest;

        void Narrow(IReadOnlyCollection<KeyValuePair<ObjectKey, T>> found)
        {
            if (narrowest is null || found.Count < narrowest.Count) narrowest = found;
        }
    }

    private StoreIndex<T> IndexOf(Dictionary<string, StoreIndex<T>> indexes, string of, Func<T, string?> valueOf)
    {
        if (!indexes.TryGetValue(of, out var index)) indexes.Add(of, index = Built(valueOf));
        return index;
    }

    private StoreIndex<T> Built(Func<T, string?> valueOf)
    {
        var index = new StoreIndex<T>(valueOf);
        foreach (var (key, entity) in _objects) index.Add(key, entity);
        return index;
    }

    private IEnumerable<StoreIndex<T>> Indexes()
    {
        foreach (var index in _byLabel.Values) yield return index;
        foreach (var index in _byField.Values) yield return index;
        if (_byNamespace is not null) yield return _byNamespace;
    }
}
