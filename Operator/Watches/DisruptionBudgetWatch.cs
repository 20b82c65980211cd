using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the owners of our PodDisruptionBudgets.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1PodDisruptionBudget), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class DisruptionBudgetWatch(ParentWaker parents) : IEntityController<V1PodDisruptionBudget>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1PodDisruptionBudget>> ReconcileAsync(V1PodDisruptionBudget entity, CancellationToken cancellationToken)
    {
        await parents.WakeOwnersAsync(entity, cancellationToken);
        return ReconciliationResult<V1PodDisruptionBudget>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1PodDisruptionBudget>> DeletedAsync(V1PodDisruptionBudget entity, CancellationToken cancellationToken) => ReconcileAsync(entity, cancellationToken);
}
