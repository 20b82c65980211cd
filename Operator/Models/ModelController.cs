using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Reconciles Models: observe, decide, act, and, if acting created something, decide again on what came back; then report.</summary>
[EntityRbac(typeof(Model), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
[EntityRbac(typeof(InferenceService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class ModelController(ModelView view, ActionExecutor executor, ModelReporter reporter, OperatorMetrics metrics, TimeProvider time) : IEntityController<Model>
{
    /// <inheritdoc/>
    public Task<ReconciliationResult<Model>> ReconcileAsync(Model entity, CancellationToken cancellationToken) =>
        metrics.MeasureAsync(Controllers.Model, time, () => RunAsync(entity, cancellationToken));

    /// <inheritdoc/>
    public Task<ReconciliationResult<Model>> DeletedAsync(Model entity, CancellationToken cancellationToken)
    {
        metrics.ForgetModel(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        return Task.FromResult(ReconciliationResult<Model>.Success(entity));
    }

    private async Task<ReconciliationResult<Model>> RunAsync(Model model, CancellationToken cancellationToken)
    {
        // What is left to do then is the finalizer's.
        if (model.Metadata.DeletionTimestamp is not null) return ReconciliationResult<Model>.Success(model);
        var seen = await view.ObserveAsync(model, cancellationToken);
        var decision = ModelDecider.Decide(seen);
        var acted = await executor.RunAsync(decision.Actions, cancellationToken);
        if (acted.Failure is { IsRejection: false }) acted.ThrowIfFailed();
        if (acted.Failure is { } refusal) return await RefusedAsync(seen, refusal, cancellationToken);
        if (acted.Done.Any(d => d is { Changed: true, Action: not DesiredAction.Delete }))
        {
            seen = seen.After(acted);
            decision = ModelDecider.Decide(seen);
        }

        await reporter.WriteAsync(seen, decision, cancellationToken);
        return ReconciliationResult<Model>.Success(model, decision.LookAgainIn);
    }

    private async Task<ReconciliationResult<Model>> RefusedAsync(ModelSnapshot seen, ActionFailure refusal, CancellationToken cancellationToken)
    {
        // The namespace goes, and the Model with it: there is nobody left to fetch for.
        if (TerminatingNamespace.Refused(refusal)) return ReconciliationResult<Model>.Success(seen.Model);
        await reporter.WriteAsync(seen, ModelDecider.Refused(seen, refusal), cancellationToken);
        return Refusals.ResultOf(seen.Model, refusal);
    }
}
