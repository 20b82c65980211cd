using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>Finds the objects of a store by a value in them.</summary>
/// <param name="valueOf">The value of one object; null: it has none.</param>
internal sealed class StoreIndex<T>(Func<T, string?> valueOf)
{
    // Most values are those of one object alone, and a dictionary for each takes more room than many a field.
    private readonly Dictionary<string, KeyValuePair<ObjectKey, T>> _single = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<ObjectKey, T>> _several = new(StringComparer.Ordinal);

    /// <summary>The objects that have a value.</summary>
    public IReadOnlyCollection<KeyValuePair<ObjectKey, T>> this[string value]
    {
        get
        {
            if (_single.TryGetValue(value, out var single)) return [single];
            return _several.TryGetValue(value, out var several) ? several : [];
        }
    }

    public void Add(ObjectKey key, T entity)
    {
        if (valueOf(entity) is not { } value) return;
        if (_several.TryGetValue(value, out var several)) several[key] = entity;
        else if (!_single.Remove(value, out var other) || other.Key == key) _single.Add(value, new(key, entity));
        else _several.Add(value, new() { [other.Key] = other.Value, [key] = entity });
    }

    public void Remove(ObjectKey key, T entity)
    {
        if (valueOf(entity) is not { } value) return;
        if (_several.TryGetValue(value, out var several))
        {
            several.Remove(key);
            if (several.Count == 0) _several.Remove(value);
        }
        else if (_single.TryGetValue(value, out var single) && single.Key == key)
        {
            _single.Remove(value);
        }
    }
}
