using k8s.Models;
using KubeOps.Abstractions.Rbac;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Reconciles Models: observe, decide, act, and, as long as acting creates something, decide again on what came back; then report.</summary>
[EntityRbac(typeof(Model), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
[EntityRbac(typeof(InferenceService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[GenericRbac(Groups = [""], Resources = ["pods/log"], Verbs = RbacVerb.Get)] // How far a fetch is.
internal sealed class ModelController(
    ModelView view,
    ActionExecutor executor,
    ModelReporter reporter,
    ModelNews news,
    FetchMonitor fetches,
    FetchSlots slots,
    OperatorMetrics metrics,
    TimeProvider time) : IEntityController<Model>
{
    // The claim, then the Job on it, then a look at both. More is not needed; the bound is for a server that changes what we write.
    private const int MaxPasses = 4;

    /// <inheritdoc/>
    public Task<ReconciliationResult<Model>> ReconcileAsync(Model entity, CancellationToken cancellationToken) =>
        metrics.MeasureAsync(Controllers.Model, time, async () =>
        {
            var result = await RunAsync(entity, cancellationToken);
            await news.TellAsync(entity, cancellationToken);
            return result;
        });

    /// <inheritdoc/>
    public async Task<ReconciliationResult<Model>> DeletedAsync(Model entity, CancellationToken cancellationToken)
    {
        metrics.ForgetModel(entity.Metadata);
        fetches.Forget(entity);
        slots.Forget(entity);
        await news.TellOfEndAsync(entity, cancellationToken);
        return ReconciliationResult<Model>.Success(entity);
    }

    private async Task<ReconciliationResult<Model>> RunAsync(Model model, CancellationToken cancellationToken)
    {
        var seen = await view.ObserveAsync(model, cancellationToken);
        fetches.Observe(seen);
        List<ActionFailure> refusals = [];
        for (var pass = 1; ; pass++)
        {
            (seen, var decision) = await DecideAsync(seen, refusals, cancellationToken);
            var acted = await executor.RunAsync(decision.Actions, cancellationToken);
            slots.Settle(model, decision.Actions, acted);
            if (acted.Failure is { HasVanished: true } vanished) return Refusals.Vanished(model, vanished);
            if (acted.Failure is { IsRejection: false }) acted.ThrowIfFailed();
            if (acted.Failure is { } refusal)
            {
                // The namespace goes, and the Model with it: there is nobody left to fetch for.
                if (TerminatingNamespace.Refused(refusal)) return ReconciliationResult<Model>.Success(model);

                // Nothing more is decided for what it was about, so that this comes to an end.
                refusals.Add(refusal);
            }
            else if (pass >= MaxPasses || !acted.Done.Any(d => d is { Changed: true, Action: not DesiredAction.Delete }))
            {
                await reporter.WriteAsync(seen, decision, cancellationToken);
                return refusals.Count > 0
                    ? Refusals.ResultOf(model, refusals.Find(r => r.MayPass) ?? refusals[0], decision.LookAgainIn)
                    : ReconciliationResult<Model>.Success(model, decision.LookAgainIn);
            }

            seen = seen.After(acted);
        }
    }

    // A fetch begins with a slot, and one that gets none is decided upon anew.
    private async Task<(ModelSnapshot Seen, Decision<ModelStatus> Decision)> DecideAsync(ModelSnapshot seen, IReadOnlyList<ActionFailure> refusals, CancellationToken cancellationToken)
    {
        var decision = ModelDecider.Decide(seen, refusals);
        if (!JobsOf(decision).Any() && seen.Places.All(p => p.MayFetch)) slots.Forget(seen.Model);
        List<string> waiting = [];
        foreach (var job in JobsOf(decision))
        {
            if (!await slots.TryTakeAsync(job, seen.Model, cancellationToken)) waiting.Add(job.Metadata.Name);
        }

        if (waiting.Count == 0) return (seen, decision);
        seen = Waiting(seen) with { Others = [.. seen.Others.Select(Waiting)] };
        return (seen, ModelDecider.Decide(seen, refusals));

        ModelSnapshot Waiting(ModelSnapshot place) => waiting.Contains(place.JobName) ? place with { MayFetch = false } : place;
    }

    private static IEnumerable<V1Job> JobsOf(Decision<ModelStatus> decision) => decision.Actions.OfType<DesiredAction.Create>().Select(a => a.Desired).OfType<V1Job>();
}
