using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the owners of our Services.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1Service), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class ServiceWatch(ParentWaker parents) : IEntityController<V1Service>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Service>> ReconcileAsync(V1Service entity, CancellationToken cancellationToken)
    {
        await parents.WakeOwnersAsync(entity, cancellationToken);
        return ReconciliationResult<V1Service>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Service>> DeletedAsync(V1Service entity, CancellationToken cancellationToken) => ReconcileAsync(entity, cancellationToken);
}
