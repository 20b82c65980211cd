using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>Hears of changes, in their order, one at a time, and only when the first list is complete.</summary>
internal interface IInformerHandler<in T>
    where T : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>An object is new (<paramref name="old"/> is null) or changed.</summary>
    void Upserted(T? old, T entity);

    /// <summary>An object is gone, from the store as well.</summary>
    /// <param name="last">Its last known state.</param>
    /// <param name="isReplaced">Another one of its name is in the store already; <see cref="Upserted"/> tells of it next.</param>
    void Deleted(T last, bool isReplaced);
}

/// <summary>What health checks and metrics want to know of an informer.</summary>
internal interface IInformer
{
    ResourceType Type { get; }

    InformerScope Scope { get; }

    bool HasSynced { get; }

    /// <summary>Ends with the first attempt to list, well or not.</summary>
    Task FirstAttempt { get; }

    TimeSpan SinceTick { get; }

    DateTimeOffset? LastHeard { get; }

    /// <summary>How many objects can't be decoded at present.</summary>
    int UndecodableCount { get; }

    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Keeps a store of the objects of one kind and scope true, and tells handlers what changes.</summary>
internal sealed class Informer<T> : IInformer, IReflectorSink<T>
    where T : IKubernetesObject<V1ObjectMeta>
{
    private readonly Reflector<T> _reflector;
    private readonly ILogger _logger;
    private readonly List<IInformerHandler<T>> _handlers = [];
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<ObjectKey, Undecodable> _undecodable = [];
    private readonly ConcurrentDictionary<ObjectKey, bool> _distrusted = [];

    public Informer(
        ApiConnection api,
        InformerScope scope,
        InformerOptions options,
        TimeProvider time,
        Dice dice,
        ILogger logger,
        StoreMutationDetector? detector = null,
        Action<T>? transform = null,
        IReadOnlyDictionary<string, Func<T, string?>>? fields = null)
    {
        Type = ResourceType.Of<T>();
        Scope = scope;
        Store = new(detector, transform, fields);
        _logger = logger;
        _reflector = new(api, Type, scope, this, options, time, dice, logger);
    }

    public ResourceType Type { get; }

    public InformerScope Scope { get; }

    public Store<T> Store { get; }

    public bool HasSynced => _synced.Task.IsCompleted;

    /// <summary>Ends when the first list is in the store.</summary>
    public Task Synced => _synced.Task;

    public Task FirstAttempt => _firstAttempt.Task;

    public TimeSpan SinceTick => _reflector.SinceTick;

    public DateTimeOffset? LastHeard => _reflector.LastHeard;

    public int UndecodableCount => _undecodable.Count;

    /// <summary>Keys whose stored state a write has just disproved (409). Looked at with every read: without a lock, as no snapshot of a concurrent dictionary is.</summary>
    public IEnumerable<ObjectKey> Distrusted => _distrusted.Select(distrusted => distrusted.Key);

    /// <summary>Adds a handler; only before the informer runs.</summary>
    public void AddHandler(IInformerHandler<T> handler) => _handlers.Add(handler);

    public Task RunAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);

    /// <summary>Why an object that exists can't be handed out; null if it can, or if there is none.</summary>
    public UndecodableObjectException? ProblemOf(ObjectKey key) =>
        _undecodable.TryGetValue(key, out var undecodable) ? undecodable.Problem.AsException(Type) : null;

    /// <summary>The stored state of an object is known to be old: the next to ask for it shall ask the API server.</summary>
    public void Distrust(ObjectKey key) => _distrusted[key] = true;

    /// <summary>Whether the stored state must not be used; the asker then takes the present one from the API server.</summary>
    public bool TakeDistrust(ObjectKey key) => _distrusted.ContainsKey(key) && _distrusted.TryRemove(key, out _);

    void IReflectorSink<T>.Attempted() => _firstAttempt.TrySetResult();

    void IReflectorSink<T>.Replaced(CompleteList<T> list)
    {
        var present = new HashSet<ObjectKey>(list.Items.Count);
        foreach (var item in list.Items) present.Add(ObjectKey.Of(item.Metadata));

        // What the watch did not live to tell: deletions first, so that a namesake comes after its predecessor is gone.
        foreach (var key in Store.Keys())
        {
            if (!present.Contains(key)) Delete(key, default, list.ResourceVersion, reached: null);
        }

        foreach (var key in _undecodable.Keys)
        {
            if (!present.Contains(key)) Delete(key, default, list.ResourceVersion, reached: null);
        }

        foreach (var item in list.Items) Upsert(item, reached: null);
        Store.Listed(list.ResourceVersion);
        _synced.TrySetResult();
    }

    void IReflectorSink<T>.Upserted(Decoded<T> item) => Upsert(item, item.Metadata.ResourceVersion);

    void IReflectorSink<T>.Deleted(Decoded<T> item)
    {
        var version = item.Metadata.ResourceVersion;
        Delete(ObjectKey.Of(item.Metadata), item.Entity, version, version);
    }

    void IReflectorSink<T>.Reached(string? version) => Store.Reached(version);

    // Reached: the version up to which the store is complete after that; null within a list, which has no order.
    private void Upsert(Decoded<T> item, string? reached)
    {
        var key = ObjectKey.Of(item.Metadata);
        var known = LastGood(key);

        // Deleted and created anew while nobody looked is two objects, whatever their name.
        var (old, gone) = known is null || known.Metadata.Uid == item.Metadata.Uid ? (known, default(T)) : (default, known);
        if (item.Entity is not { } entity)
        {
            SetAside(key, item, old, reached);
            if (gone is not null) TellDeleted(gone, isReplaced: false);
            return;
        }

        var isUnchanged = reached is null && Store.GetSeen(key) is { } seen && seen.Metadata.Uid == entity.Metadata.Uid
            && seen.Metadata.ResourceVersion == entity.Metadata.ResourceVersion;
        if (isUnchanged) return; // A list that shows what we have.
        Store.Set(key, entity, reached);
        if (_undecodable.TryRemove(key, out _)) _logger.DecodableAgain(Type.Kind, key);
        if (gone is not null) TellDeleted(gone, isReplaced: true);
        foreach (var handler in _handlers) handler.Upserted(old, entity);
    }

    private void SetAside(ObjectKey key, Decoded<T> item, T? lastGood, string? reached)
    {
        // First there, then away: at no time is it simply not there.
        var isKnown = _undecodable.TryGetValue(key, out var before) && before.Problem.Metadata.ResourceVersion == item.Metadata.ResourceVersion;
        _undecodable[key] = new(item, lastGood);
        Store.Remove(key, item.Metadata.ResourceVersion, reached);
        if (!isKnown) _logger.Undecodable(Type.Kind, key, item.Error!.Message);
    }

    private void Delete(ObjectKey key, T? last, string? version, string? reached)
    {
        var known = LastGood(key);
        Store.Remove(key, version, reached);
        if (_undecodable.TryRemove(key, out var undecodable)) known ??= Bare(undecodable.Problem.Metadata);
        _distrusted.TryRemove(key, out _);
        if ((last ?? known) is { } final) TellDeleted(final, isReplaced: false);
    }

    // All that could ever be read of an object.
    private T Bare(V1ObjectMeta metadata)
    {
        var bare = Activator.CreateInstance<T>();
        (bare.ApiVersion, bare.Kind, bare.Metadata) = (Type.ApiVersion, Type.Kind, metadata);
        return bare;
    }

    private T? LastGood(ObjectKey key)
    {
        if (Store.GetSeen(key) is { } seen) return seen;
        return _undecodable.TryGetValue(key, out var undecodable) ? undecodable.LastGood : default;
    }

    // Only when the store shows it too, or a worker might find there what it has just been told is gone.
    private void TellDeleted(T last, bool isReplaced)
    {
        foreach (var handler in _handlers) handler.Deleted(last, isReplaced);
    }

    /// <summary>An object that is set aside.</summary>
    /// <param name="Problem">The state that can't be decoded.</param>
    /// <param name="LastGood">Its last state that could be.</param>
    private sealed record Undecodable(Decoded<T> Problem, T? LastGood);
}
