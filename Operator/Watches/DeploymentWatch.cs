using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the owners of our Deployments.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1Deployment), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class DeploymentWatch(ParentWaker parents) : IEntityController<V1Deployment>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Deployment>> ReconcileAsync(V1Deployment entity, CancellationToken cancellationToken)
    {
        await parents.WakeOwnersAsync(entity, cancellationToken);
        return ReconciliationResult<V1Deployment>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Deployment>> DeletedAsync(V1Deployment entity, CancellationToken cancellationToken) => ReconcileAsync(entity, cancellationToken);
}
