using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Watches;

/// <summary>Wakes the parents of our pods, and the services whose place in the queue for GPUs a pod has changed.</summary>
[LabelSelector(typeof(ManagedSelector))]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class PodWatch(ParentWaker parents, GpuQueueMonitor queue) : IEntityController<V1Pod>
{
    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken) => RunAsync(entity, gone: false, cancellationToken);

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken) => RunAsync(entity, gone: true, cancellationToken);

    private async Task<ReconciliationResult<V1Pod>> RunAsync(V1Pod pod, bool gone, CancellationToken cancellationToken)
    {
        foreach (var (ns, name) in queue.Observe(pod, gone)) await parents.WakeServiceAsync(ns, name, cancellationToken);
        await parents.WakeOwnersOfPodAsync(pod, cancellationToken);
        if (gone) await parents.WakeLeavingModelsOfAsync(pod, cancellationToken);
        return ReconciliationResult<V1Pod>.Success(pod);
    }
}
