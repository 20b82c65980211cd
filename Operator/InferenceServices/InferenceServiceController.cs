using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Reconciles InferenceServices: observe, decide, act, and, if acting changed the cluster, decide again on what came back; then report.</summary>
[EntityRbac(typeof(InferenceService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Deployment), typeof(V1Service), typeof(V1PodDisruptionBudget), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[GenericRbac(Groups = [ApiGroup.Name], Resources = ["inferenceservices/finalizers"], Verbs = RbacVerb.Update)]
[GenericRbac(Groups = [""], Resources = ["events"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch)]
[GenericRbac(Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed class InferenceServiceController(
    ServiceView view,
    ActionExecutor executor,
    ServiceReporter reporter,
    ParentWaker parents,
    PositionThrottle throttle,
    GpuQueueMonitor queue,
    OperatorMetrics metrics,
    TimeProvider time) : IEntityController<InferenceService>
{
    /// <inheritdoc/>
    public Task<ReconciliationResult<InferenceService>> ReconcileAsync(InferenceService entity, CancellationToken cancellationToken) =>
        metrics.MeasureAsync(Controllers.InferenceService, time, () => RunAsync(entity, cancellationToken));

    /// <inheritdoc/>
    public async Task<ReconciliationResult<InferenceService>> DeletedAsync(InferenceService entity, CancellationToken cancellationToken)
    {
        var (ns, name) = (entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        metrics.ForgetService(ns, name);
        throttle.Forget(entity.Metadata.Uid);
        await parents.WakeModelAsync(ns, entity.Spec.ModelRef, cancellationToken);
        foreach (var moved in queue.Forget(ns, name)) await parents.WakeServiceAsync(moved.Namespace, moved.Name, cancellationToken);
        return ReconciliationResult<InferenceService>.Success(entity);
    }

    private async Task<ReconciliationResult<InferenceService>> RunAsync(InferenceService service, CancellationToken cancellationToken)
    {
        var seen = await view.ObserveAsync(service, cancellationToken);
        if (seen.Model is { } model && service.Status?.ObservedGeneration != service.Metadata.Generation)
        {
            // Where the model's volume is made depends on where its services want to run.
            await parents.WakeAsync(model, cancellationToken);
        }

        var decision = ServiceDecider.Decide(seen);
        var acted = await executor.RunAsync(decision.Actions, cancellationToken);
        if (acted.Failure is { IsRejection: false }) acted.ThrowIfFailed();
        if (acted.ChangedSomething)
        {
            seen = seen.After(acted);
            decision = ServiceDecider.Decide(seen);
        }

        if (acted.Failure is { } refusal)
        {
            // The namespace goes, and the service with it: nothing is wrong.
            if (TerminatingNamespace.Refused(refusal)) return ReconciliationResult<InferenceService>.Success(service);
            await reporter.WriteAsync(service, ServiceDecider.Refused(seen, refusal), cancellationToken);
            return Refusals.ResultOf(service, refusal);
        }

        var comeAgain = await reporter.WriteAsync(service, decision, cancellationToken);
        return ReconciliationResult<InferenceService>.Success(service, comeAgain ?? decision.LookAgainIn);
    }
}
