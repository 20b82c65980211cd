using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Informers;

/// <summary>Finds the objects of a store by a value in them.</summary>
/// <param name="valuesOf">The values of one object.</param>
internal sealed class StoreIndex<T>(Func<T, IEnumerable<string>> valuesOf)
{
    private static readonly Dictionary<ObjectKey, T> None = [];

    private readonly Dictionary<string, Dictionary<ObjectKey, T>> _objects = new(StringComparer.Ordinal);

    /// <summary>The objects that have a value.</summary>
    public Dictionary<ObjectKey, T> this[string value] => _objects.GetValueOrDefault(value, None);

    public void Add(ObjectKey key, T entity)
    {
        foreach (var value in valuesOf(entity))
        {
            if (!_objects.TryGetValue(value, out var objects)) _objects.Add(value, objects = []);
            objects[key] = entity;
        }
    }

    public void Remove(ObjectKey key, T entity)
    {
        foreach (var value in valuesOf(entity))
        {
            if (!_objects.TryGetValue(value, out var objects)) continue;
            objects.Remove(key);
            if (objects.Count == 0) _objects.Remove(value);
        }
    }
}
