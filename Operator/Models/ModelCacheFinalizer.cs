using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Models;

/// <summary>
/// Before a Model goes, its running fetch is stopped, pods that use its file have to go, and, if it says so, the file is removed; the latter two
/// unless another Model of the source needs it. A namespace that is being deleted is no obstacle: what can't be created in it is not missed.
/// </summary>
internal sealed class ModelCacheFinalizer(
    ModelView view, ActionExecutor executor, ModelReporter reporter, ModelNews news, FetchSlots slots, ILogger<ModelCacheFinalizer> logger) : IEntityFinalizer<Model>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<Model>> FinalizeAsync(Model entity, CancellationToken cancellationToken)
    {
        using var span = Spans.Start("finalizer.cleanup");
        var result = await RunAsync(entity, cancellationToken);
        await news.TellAsync(entity, cancellationToken);
        return result;
    }

    private async Task<ReconciliationResult<Model>> RunAsync(Model entity, CancellationToken cancellationToken)
    {
        // It may stay for long, and must not keep a slot that it will not use.
        slots.Forget(entity);
        var seen = await view.ObserveAsync(entity, cancellationToken);
        var decision = FinalizerDecider.Decide(seen);
        var acted = await executor.RunAsync(decision.Actions, cancellationToken);
        if (acted.Failure is { IsRejection: true } refusal)
        {
            if (TerminatingNamespace.Refused(refusal)) return ReconciliationResult<Model>.Success(entity);
            if (refusal.Action is DesiredAction.Create)
            {
                await reporter.WriteAsync(seen, FinalizerDecider.Refused(seen, refusal), cancellationToken);
                return Refusals.ResultOf(entity, refusal);
            }

            // Owner references see to the Job in the end: a server that refuses its deletion must not keep the Model.
            logger.StopRefused(refusal.Action.Target, refusal.Message);
        }
        else
        {
            acted.ThrowIfFailed();
        }

        if (decision.LookAgainIn is not { } again) return ReconciliationResult<Model>.Success(entity);
        await reporter.WriteAsync(seen, decision, cancellationToken);
        return ReconciliationResult<Model>.Failure(entity, "The Model's file is in use, or is being removed.", requeueAfter: again);
    }
}
