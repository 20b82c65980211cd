using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Puts a finalizer onto an object.</summary>
/// <typeparam name="TImplementation">The finalizer.</typeparam>
/// <typeparam name="TEntity">The finalized kind.</typeparam>
/// <param name="entity">The object.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>The object with the finalizer, as the API server stored it.</returns>
public delegate Task<TEntity> EntityFinalizerAttacher<TImplementation, TEntity>(
    TEntity entity, CancellationToken cancellationToken = default)
    where TImplementation : IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>;

/// <summary>Makes the attachers that are injected.</summary>
public interface IEventFinalizerAttacherFactory
{
    /// <summary>An attacher for one finalizer.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The finalized kind.</typeparam>
    /// <param name="identifier">The string in <c>metadata.finalizers</c>.</param>
    EntityFinalizerAttacher<TImplementation, TEntity> Create<TImplementation, TEntity>(string identifier)
        where TImplementation : IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
