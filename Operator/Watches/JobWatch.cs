using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the owners of our Jobs, and who waits for one of them to end.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class JobWatch(ParentWaker parents, FetchSlots slots) : IEntityController<V1Job>
{
    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Job>> ReconcileAsync(V1Job entity, CancellationToken cancellationToken) => RunAsync(entity, gone: false, cancellationToken);

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Job>> DeletedAsync(V1Job entity, CancellationToken cancellationToken) => RunAsync(entity, gone: true, cancellationToken);

    private async Task<ReconciliationResult<V1Job>> RunAsync(V1Job entity, bool gone, CancellationToken cancellationToken)
    {
        await parents.WakeOwnersAsync(entity, cancellationToken);

        // Its labels say that it is ours, and somebody has taken its owners away: one of these Models is to be it again.
        // So are those that wait for the end of a removal, which is not theirs.
        var isOwned = entity.Metadata.OwnerReferences?.Any(o => o.Kind == Model.KubeKind && o.ApiVersion == ApiGroup.NameAndVersion) == true;
        if (!isOwned) await parents.WakeModelsOfAsync(entity.Metadata.NamespaceProperty, cancellationToken);
        else if (FetchJobBuilder.IsRemoval(entity)) await parents.WakeModelsOfRemovalAsync(entity, cancellationToken);
        if (gone) slots.Gone(entity);
        if (gone || FetchSlots.HasEnded(entity))
        {
            foreach (var (ns, name) in await slots.NextAsync(cancellationToken)) await parents.WakeModelAsync(ns, name, cancellationToken);
        }

        return ReconciliationResult<V1Job>.Success(entity);
    }
}
