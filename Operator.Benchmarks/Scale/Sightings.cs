using System.Collections.Concurrent;
using System.Diagnostics;
using LlmKube.Operator.Engine.Informers;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>What a watch has shown of one object.</summary>
/// <param name="FirstSeen">When it was first seen, as a timestamp.</param>
/// <param name="Changes">How often it has changed since.</param>
/// <param name="IsReady">Whether its phase is Ready.</param>
internal sealed record Sighting(long FirstSeen, int Changes, bool IsReady);

/// <summary>Watches the objects of a kind: when each came, how often it changed, whether it is Ready. Where only the operator writes, changes are its writes.</summary>
internal sealed class Sightings<T> : IInformerHandler<T>
    where T : SeenObject
{
    private readonly ConcurrentDictionary<string, Sighting> _all = new();
    private int _ready;
    private long _changes;

    /// <summary>How many there are or were.</summary>
    public int Count => _all.Count;

    /// <summary>How many are Ready.</summary>
    public int Ready => Volatile.Read(ref _ready);

    /// <summary>How often any of them came, changed or went.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>How often the one that changed most often has changed.</summary>
    public int MostChanges => _all.Values.Max(s => s.Changes);

    /// <summary>When an object came, as a timestamp; null if it has not.</summary>
    public long? WhenSeen(string name) => _all.GetValueOrDefault(name)?.FirstSeen;

    void IInformerHandler<T>.Upserted(T? old, T entity)
    {
        var now = Stopwatch.GetTimestamp();
        var isReady = entity.Status?.Phase == "Ready";
        var before = _all.GetValueOrDefault(entity.Metadata.Name);
        _all[entity.Metadata.Name] = before is null ? new(now, 0, isReady) : before with { Changes = before.Changes + 1, IsReady = isReady };
        Interlocked.Add(ref _ready, (isReady ? 1 : 0) - (before is { IsReady: true } ? 1 : 0));
        Interlocked.Increment(ref _changes);
    }

    void IInformerHandler<T>.Deleted(T last, bool isReplaced)
    {
        if (_all.TryGetValue(last.Metadata.Name, out var before) && before.IsReady) Interlocked.Decrement(ref _ready);
        Interlocked.Increment(ref _changes);
    }
}
