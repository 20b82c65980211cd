using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Controller;

/// <summary>Brings the world to what an object asks for. One instance per reconcile, from its own service scope.</summary>
/// <typeparam name="TEntity">The reconciled kind.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Called when the object may have changed. Must not care why, and may be called again with nothing new.</summary>
    /// <param name="entity">A copy of the object; changing it changes nothing else.</param>
    /// <param name="cancellationToken">The operator stops or is no longer the leader.</param>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Called when the object is gone.</summary>
    /// <param name="entity">The object as it was last seen.</param>
    /// <param name="cancellationToken">The operator stops or is no longer the leader.</param>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
