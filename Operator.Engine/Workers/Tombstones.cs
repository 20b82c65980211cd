using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Workers;

/// <summary>
/// The last states of objects that are gone and whose end a controller has yet to hear of. Several may have had the same name.
/// </summary>
internal sealed class Tombstones<TEntity>(TimeProvider time)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, List<(TEntity Entity, long At)>> _graves = [];

    public void Add(TEntity entity)
    {
        var key = ObjectKey.Of(entity);
        lock (_gate)
        {
            if (!_graves.TryGetValue(key, out var graves)) _graves.Add(key, graves = []);
            graves.Add((entity, time.GetTimestamp()));
        }
    }

    /// <summary>The gone objects of a key, oldest first.</summary>
    public List<TEntity> Of(ObjectKey key)
    {
        lock (_gate) return _graves.TryGetValue(key, out var graves) ? graves.ConvertAll(grave => grave.Entity) : [];
    }

    /// <summary>The controller has dealt with one.</summary>
    public void Remove(TEntity entity)
    {
        var key = ObjectKey.Of(entity);
        lock (_gate)
        {
            if (!_graves.TryGetValue(key, out var graves)) return;
            graves.RemoveAll(grave => ReferenceEquals(grave.Entity, entity));
            if (graves.Count == 0) _graves.Remove(key);
        }
    }

    /// <summary>All keys that something is left of.</summary>
    public List<ObjectKey> Keys()
    {
        lock (_gate) return [.. _graves.Keys];
    }

    /// <summary>Forgets those that are older than an age: while another process leads, it deals with them.</summary>
    public void Expire(TimeSpan age)
    {
        lock (_gate)
        {
            foreach (var (key, graves) in _graves)
            {
                graves.RemoveAll(grave => time.GetElapsedTime(grave.At) > age);
                if (graves.Count == 0) _graves.Remove(key);
            }
        }
    }
}
