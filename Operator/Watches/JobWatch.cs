using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the owners of our Jobs.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class JobWatch(ParentWaker parents) : IEntityController<V1Job>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Job>> ReconcileAsync(V1Job entity, CancellationToken cancellationToken)
    {
        await parents.WakeOwnersAsync(entity, cancellationToken);

        // Its labels say that it is ours, and somebody has taken its owners away: one of these Models is to be it again.
        // So are those that wait for the end of a removal, which is not theirs.
        var isOwned = entity.Metadata.OwnerReferences?.Any(o => o.Kind == Model.KubeKind && o.ApiVersion == ApiGroup.NameAndVersion) == true;
        if (!isOwned || FetchJobBuilder.IsRemoval(entity)) await parents.WakeModelsOfAsync(entity.Metadata.NamespaceProperty, cancellationToken);
        return ReconciliationResult<V1Job>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Job>> DeletedAsync(V1Job entity, CancellationToken cancellationToken) => ReconcileAsync(entity, cancellationToken);
}
