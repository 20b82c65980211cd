using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the models of a namespace whose cache claim has changed.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class PersistentVolumeClaimWatch(ParentWaker parents) : IEntityController<V1PersistentVolumeClaim>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1PersistentVolumeClaim>> ReconcileAsync(V1PersistentVolumeClaim entity, CancellationToken cancellationToken)
    {
        await parents.WakeModelsOfAsync(entity.Metadata.NamespaceProperty, cancellationToken);
        return ReconciliationResult<V1PersistentVolumeClaim>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1PersistentVolumeClaim>> DeletedAsync(V1PersistentVolumeClaim entity, CancellationToken cancellationToken) => ReconcileAsync(entity, cancellationToken);
}
