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
[GenericRbac(Groups = [""], Resources = ["events"], Verbs = RbacVerb.Create | RbacVerb.Patch)]
[GenericRbac(Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed class InferenceServiceController(
    ServiceView view,
    ActionExecutor executor,
    ServiceReporter reporter,
    ParentWaker parents,
    PositionThrottle throttle,
    OperatorMetrics metrics,
    TimeProvider time) : IEntityController<InferenceService>
{
    // What the API server refused may be allowed later (a quota, a policy); nothing tells us when.
    private static readonly TimeSpan RefusalRecheck = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public Task<ReconciliationResult<InferenceService>> ReconcileAsync(InferenceService entity, CancellationToken cancellationToken) =>
        metrics.MeasureAsync(Controllers.InferenceService, time, () => RunAsync(entity, cancellationToken));

    /// <inheritdoc/>
    public Task<ReconciliationResult<InferenceService>> DeletedAsync(InferenceService entity, CancellationToken cancellationToken)
    {
        metrics.ForgetService(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        throttle.Forget(entity.Metadata.Uid);
        return Task.FromResult(ReconciliationResult<InferenceService>.Success(entity));
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
            await reporter.WriteAsync(service, ServiceDecider.Refused(seen, refusal), cancellationToken);
            return ReconciliationResult<InferenceService>.Failure(service, refusal.Message, refusal.Cause, RefusalRecheck);
        }

        var comeAgain = await reporter.WriteAsync(service, decision, cancellationToken);
        return ReconciliationResult<InferenceService>.Success(service, comeAgain ?? decision.LookAgainIn);
    }
}
