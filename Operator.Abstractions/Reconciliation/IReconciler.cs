using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>Chooses what a reconcile calls: the controller, a finalizer, or the controller's farewell.</summary>
/// <typeparam name="TEntity">The reconciled kind.</typeparam>
/// <remarks>Declared for KubeOps' sake: this engine neither registers nor asks for one.</remarks>
public interface IReconciler<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Runs one reconcile.</summary>
    /// <param name="reconciliationContext">Of what, and why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ReconciliationResult<TEntity>> Reconcile(
        ReconciliationContext<TEntity> reconciliationContext, CancellationToken cancellationToken);
}
