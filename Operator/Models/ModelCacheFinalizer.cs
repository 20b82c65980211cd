using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Models;

/// <summary>
/// Before a Model goes, its running fetch is stopped, unless another Model of the source needs it. The artefact stays in the
/// cache, and its services are told. Nothing is created here, so a namespace that is being deleted is no obstacle.
/// </summary>
internal sealed class ModelCacheFinalizer(ModelView view, ActionExecutor executor, ModelNews news, ILogger<ModelCacheFinalizer> logger) : IEntityFinalizer<Model>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<Model>> FinalizeAsync(Model entity, CancellationToken cancellationToken)
    {
        using var span = Spans.Start("finalizer.cleanup");
        var acted = await executor.RunAsync(Release(await view.ObserveAsync(entity, cancellationToken)), cancellationToken);

        // Owner references see to the Job in the end: a server that refuses its deletion must not keep the Model.
        if (acted.Failure is { IsRejection: true } refusal) logger.StopRefused(refusal.Action.Target, refusal.Message);
        else acted.ThrowIfFailed();
        await news.TellAsync(entity, cancellationToken);
        return ReconciliationResult<Model>.Success(entity);
    }

    /// <summary>What has to be done before the Model may go.</summary>
    internal static IReadOnlyList<DesiredAction> Release(ModelSnapshot seen)
    {
        var isLast = seen.Siblings.Count == 0;
        return
        [
            .. seen.Strays.Concat(isLast && seen.Job is { Metadata.DeletionTimestamp: null } job && FetchJobBuilder.IsOurs(job) ? [job] : [])
                .Select(j => new DesiredAction.Delete(ObjectRef.Of(j), DeletePropagation.Background, "its last Model is being deleted")),
        ];
    }
}
