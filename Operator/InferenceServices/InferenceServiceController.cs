using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Reconciles InferenceServices: observe, decide, act, and, as long as acting changes the cluster, decide again on what came back; then report.</summary>
[EntityRbac(typeof(InferenceService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Deployment), typeof(V1Service), typeof(V1PodDisruptionBudget), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[GenericRbac(Groups = [ApiGroup.Name], Resources = ["inferenceservices/finalizers"], Verbs = RbacVerb.Update)] // What ownerReferences with blockOwnerDeletion take.
[GenericRbac(Groups = [""], Resources = ["events"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch)]
[GenericRbac(Groups = [""], Resources = ["pods/log"], Verbs = RbacVerb.Get)] // What servers said when they had loaded their models.
[GenericRbac(Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed class InferenceServiceController(
    ServiceView view,
    ActionExecutor executor,
    ServiceReporter reporter,
    ParentWaker parents,
    ServiceNews news,
    PositionThrottle throttle,
    GpuQueueMonitor queue,
    RestartMonitor restarts,
    LoadMonitor loads,
    UpgradeTurns turns,
    OperatorMetrics metrics,
    TimeProvider time) : IEntityController<InferenceService>
{
    // Taking over what an older operator left is one, applying the next; the last finds nothing to do.
    private const int MaxPasses = 3;

    /// <inheritdoc/>
    public Task<ReconciliationResult<InferenceService>> ReconcileAsync(InferenceService entity, CancellationToken cancellationToken) =>
        metrics.MeasureAsync(Controllers.InferenceService, time, () => RunAsync(entity, cancellationToken));

    /// <inheritdoc/>
    public async Task<ReconciliationResult<InferenceService>> DeletedAsync(InferenceService entity, CancellationToken cancellationToken)
    {
        var (ns, name) = (entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        metrics.ForgetService(entity.Metadata);
        restarts.Forget(entity.Metadata.Uid);
        loads.Forget(entity.Metadata.Uid);
        throttle.Forget(entity.Metadata.Uid);
        turns.Forget(entity);
        await news.TellOfEndAsync(entity, cancellationToken);
        foreach (var moved in queue.Forget(ns, name)) await parents.WakeServiceAsync(moved.Namespace, moved.Name, cancellationToken);
        await WakeNextAsync(cancellationToken);
        return ReconciliationResult<InferenceService>.Success(entity);
    }

    private async Task<ReconciliationResult<InferenceService>> RunAsync(InferenceService service, CancellationToken cancellationToken)
    {
        var seen = loads.Observe(await view.ObserveAsync(service, cancellationToken));
        restarts.Observe(service, seen.Pods);
        if (seen.Model is { } model && service.Status?.ObservedGeneration != service.Metadata.Generation)
        {
            // Where the model's volume is made depends on where its services want to run.
            await parents.WakeAsync(model, cancellationToken);
        }

        for (var pass = 1; ; pass++)
        {
            (seen, var decision) = await DecideAsync(seen, cancellationToken);
            var acted = await executor.RunAsync(decision.Actions, cancellationToken);
            if (acted.Failure is { HasVanished: true } vanished) return Refusals.Vanished(service, vanished);
            if (acted.Failure is { IsRejection: false }) acted.ThrowIfFailed();
            if (acted.Failure is { } refusal) return await RefusedAsync(seen.After(acted), refusal, cancellationToken);
            await SettleAsync(service, decision.Status, cancellationToken);
            if (pass == MaxPasses || !acted.ChangedSomething)
            {
                if (Settling.Wait(seen) is { } wait) return ReconciliationResult<InferenceService>.Success(service, wait);
                var comeAgain = await reporter.WriteAsync(seen, decision, cancellationToken);
                if (comeAgain is null) await news.TellAsync(service, decision.Status, cancellationToken);
                return ReconciliationResult<InferenceService>.Success(service, comeAgain ?? decision.LookAgainIn);
            }

            seen = seen.After(acted);
        }
    }

    // Pods are replaced for the operator's own sake with a turn, and who gets one is decided upon anew.
    private async Task<(ServiceSnapshot Seen, Decision<InferenceServiceStatus> Decision)> DecideAsync(ServiceSnapshot seen, CancellationToken cancellationToken)
    {
        var decision = ServiceDecider.Decide(seen);
        if (UpgradeTurns.IsWaiting(decision.Status) && await turns.TryTakeAsync(seen.Service, cancellationToken))
        {
            seen = seen with { HasTurn = true };
            decision = ServiceDecider.Decide(seen);
        }

        return (seen, decision);
    }

    private async Task SettleAsync(InferenceService service, InferenceServiceStatus status, CancellationToken cancellationToken)
    {
        turns.Settle(service, status);
        await WakeNextAsync(cancellationToken);
    }

    private async Task WakeNextAsync(CancellationToken cancellationToken)
    {
        foreach (var (ns, name) in turns.Next()) await parents.WakeServiceAsync(ns, name, cancellationToken);
    }

    private async Task<ReconciliationResult<InferenceService>> RefusedAsync(ServiceSnapshot seen, ActionFailure refusal, CancellationToken cancellationToken)
    {
        // The namespace goes, and the service with it: nothing is wrong.
        if (TerminatingNamespace.Refused(refusal)) return ReconciliationResult<InferenceService>.Success(seen.Service);
        var decision = ServiceDecider.Refused(seen, refusal);
        await SettleAsync(seen.Service, decision.Status, cancellationToken);
        await reporter.WriteAsync(seen, decision, cancellationToken);
        await news.TellAsync(seen.Service, decision.Status, cancellationToken);
        return Refusals.ResultOf(seen.Service, refusal);
    }
}
