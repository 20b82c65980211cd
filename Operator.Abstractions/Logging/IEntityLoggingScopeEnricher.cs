using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Logging;

/// <summary>Adds properties to the log scope around everything that concerns one object.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityLoggingScopeEnricher<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Adds the properties; those that exist can't be changed.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="phase">Where the scope is opened.</param>
    /// <param name="properties">Takes the properties.</param>
    void Enrich(TEntity entity, EntityLoggingPhase phase, IDictionary<string, object> properties);
}

/// <summary>Where a log scope is opened.</summary>
public enum EntityLoggingPhase
{
    /// <summary>When a watch event arrives. This engine opens no scope there: a watch brings keys, and logs nothing about one object.</summary>
    Watch,

    /// <summary>When the object is reconciled.</summary>
    Reconcile,
}
