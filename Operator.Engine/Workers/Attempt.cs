using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Logging;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Finalizers;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Workers;

/// <summary>
/// One attempt at one key: tells the controller what is gone, then has what is there finalized or reconciled. It asks for the state of
/// things, never for the event that woke it.
/// </summary>
internal sealed class Attempt<TController, TEntity>(
    Informer<TEntity> informer,
    Tombstones<TEntity> tombstones,
    IReadOnlyList<FinalizerRegistration<TEntity>> finalizers,
    KubeOps.KubernetesClient.KubernetesClient client,
    FinalizerWriter finalizerWriter,
    OperatorSettings settings,
    IServiceScopeFactory scopes,
    ILogger logger)
    where TController : class, IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Tries. Whatever goes wrong is in the verdict, except that the process is to stop.</summary>
    /// <exception cref="OperationCanceledException">The process is to stop.</exception>
    public async Task<Verdict> RunAsync(ReconcileRun run, CancellationToken cancellationToken)
    {
        foreach (var gone in tombstones.Of(run.Item.Key))
        {
            var heard = await GuardedAsync(() => TellOfDeletionAsync(gone, run, cancellationToken), cancellationToken);
            if (heard is Verdict.Settled { LookAgainIn: null }) tombstones.Remove(gone);
            run.Ended(heard);
        }

        run.Ended(await GuardedAsync(() => ReconcileAsync(run, cancellationToken), cancellationToken));
        return run.Verdict;
    }

    // The only catch-all around a controller. Everyone below lets failures pass.
    private static async Task<Verdict> GuardedAsync(Func<Task<Verdict>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever else went wrong is worth another try, later and later.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Verdict.Of(e);
        }
    }

    private async Task<Verdict> TellOfDeletionAsync(TEntity gone, ReconcileRun run, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var logScope = run.Enter(gone.Metadata, LogProperties(run, scope.ServiceProvider, gone), logger);
        var controller = scope.ServiceProvider.GetRequiredService<TController>();
        return Verdict.Of(await controller.DeletedAsync(WireFormat.Copy(gone), cancellationToken));
    }

    private async Task<Verdict> ReconcileAsync(ReconcileRun run, CancellationToken cancellationToken)
    {
        // First the look: which generation is at work on says which trace the span is in.
        if (await ObserveAsync(run.Item.Key, cancellationToken) is not { } entity) return Verdict.Done;
        await using var scope = scopes.CreateAsyncScope();
        using var logScope = run.Enter(entity.Metadata, LogProperties(run, scope.ServiceProvider, entity), logger);
        if (entity.Metadata.DeletionTimestamp is not null) return await FinalizeAsync(entity, scope.ServiceProvider, cancellationToken);
        if (settings.AutoAttachFinalizers)
        {
            entity = await finalizerWriter.AddAsync(entity, finalizers.Select(finalizer => finalizer.Identifier), cancellationToken);
        }

        var controller = scope.ServiceProvider.GetRequiredService<TController>();
        return Verdict.Of(await controller.ReconcileAsync(entity, cancellationToken));
    }

    // A copy of the stored object, or the one from the API server if the stored one is known to be old.
    private async Task<TEntity?> ObserveAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (!informer.TakeDistrust(key)) return informer.Store.Get(key) is { } stored ? WireFormat.Copy(stored) : default;
        var live = await client.GetDistrustedAsync(informer, key, cancellationToken);
        return live is not null && informer.Scope.Admits(live.Metadata) ? live : default;
    }

    // All of ours, whatever their order and whoever else's are among them. One that fails holds up no other.
    private async Task<Verdict> FinalizeAsync(TEntity entity, IServiceProvider services, CancellationToken cancellationToken)
    {
        var verdict = Verdict.Done;
        TEntity? current = entity;
        foreach (var finalizer in finalizers)
        {
            if (current is null) break; // Gone, with the last finalizer.
            if (current.Metadata.Finalizers?.Contains(finalizer.Identifier) is not true) continue;
            var finalized = await GuardedAsync(
                async () =>
                {
                    var result = await finalizer.Resolve(services).FinalizeAsync(WireFormat.Copy(current), cancellationToken);
                    if (!result.IsSuccess || !settings.AutoDetachFinalizers) return Verdict.Of(result);

                    // The finalizer may have written to the object; what it returns is newer than what we gave it.
                    var latest = result.Entity.Metadata.Uid == current.Metadata.Uid ? result.Entity : current;
                    current = await finalizerWriter.RemoveAsync(latest, finalizer.Identifier, cancellationToken);
                    return Verdict.Of(result);
                },
                cancellationToken);
            verdict = verdict.And(finalized);
        }

        return verdict;
    }

    private Dictionary<string, object> LogProperties(ReconcileRun run, IServiceProvider services, TEntity entity)
    {
        var properties = new Dictionary<string, object>
        {
            ["Kind"] = informer.Type.Kind,
            ["Namespace"] = entity.Metadata.NamespaceProperty ?? "",
            ["Name"] = entity.Metadata.Name,
            ["Uid"] = entity.Metadata.Uid ?? "",
            ["Generation"] = entity.Metadata.Generation ?? 0,
            ["ReconcileId"] = run.Id,
        };
        foreach (var enricher in services.GetServices<IEntityLoggingScopeEnricher<TEntity>>())
        {
            enricher.Enrich(entity, EntityLoggingPhase.Reconcile, properties);
        }

        return properties;
    }
}
