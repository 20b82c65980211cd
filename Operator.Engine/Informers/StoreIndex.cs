using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>Finds the objects of a store by a value in them.</summary>
/// <param name="valuesOf">The values of one object.</param>
internal sealed class StoreIndex<T>(Func<T, IEnumerable<string>> valuesOf)
{
    private static readonly HashSet<ObjectKey> None = [];

    private readonly Dictionary<string, HashSet<ObjectKey>> _keys = new(StringComparer.Ordinal);

    /// <summary>The keys of the objects that have a value.</summary>
    public IReadOnlySet<ObjectKey> this[string value] => _keys.GetValueOrDefault(value, None);

    public void Add(ObjectKey key, T entity)
    {
        foreach (var value in valuesOf(entity))
        {
            if (!_keys.TryGetValue(value, out var keys)) _keys.Add(value, keys = []);
            keys.Add(key);
        }
    }

    public void Remove(ObjectKey key, T entity)
    {
        foreach (var value in valuesOf(entity))
        {
            if (!_keys.TryGetValue(value, out var keys)) continue;
            keys.Remove(key);
            if (keys.Count == 0) _keys.Remove(value);
        }
    }
}
