using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>Cleans up before an object goes.</summary>
/// <typeparam name="TEntity">The finalized kind.</typeparam>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Called while the object is being deleted and carries this finalizer. A success lets the object go; a failure
    /// keeps it.
    /// </summary>
    /// <param name="entity">A copy of the object.</param>
    /// <param name="cancellationToken">The operator stops or is no longer the leader.</param>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
