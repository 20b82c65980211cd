using System.Collections.Concurrent;
using System.Diagnostics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation.Controller;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Finalizers;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.Metrics;
using LlmKube.Operator.Engine.Queue;
using LlmKube.Operator.Engine.Timing;
using LlmKube.Operator.Engine.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Workers;

/// <summary>A controller with its informer, queue and workers.</summary>
internal interface IControllerPipeline : IDisposable
{
    /// <summary>The controller's name in metrics and logs.</summary>
    string Name { get; }

    /// <summary>Finds its informer. Before the informers run.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Works until told to stop.</summary>
    /// <param name="intake">Cancelled: take no more keys, end what runs, return.</param>
    /// <param name="abort">Cancelled: what runs is to end at once.</param>
    Task RunAsync(CancellationToken intake, CancellationToken abort);
}

/// <summary>Takes keys of a kind.</summary>
internal interface IEntityQueueTarget<in TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <returns>False if the queue is closed.</returns>
    bool Enqueue(TEntity entity, TimeSpan queueIn);
}

/// <summary>What a pipeline needs of the engine.</summary>
/// <param name="TraceIdOf">Given by the host: in which trace the runs on an object belong. Null: each run is a trace.</param>
internal sealed record PipelineServices(
    OperatorSettings Settings,
    InformerRegistry Informers,
    KubeOps.KubernetesClient.KubernetesClient Client,
    FinalizerWriter FinalizerWriter,
    IServiceScopeFactory Scopes,
    EngineMetrics Metrics,
    TimeProvider Time,
    Dice Dice,
    ILoggerFactory Loggers,
    Func<V1ObjectMeta, ActivityTraceId>? TraceIdOf = null);

/// <inheritdoc/>
internal sealed class ControllerPipeline<TController, TEntity> : IControllerPipeline, IEntityQueueTarget<TEntity>, IInformerHandler<TEntity>
    where TController : class, IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    // So many lost races in a row are retried at once; after that somebody is fighting us, and it takes a pause.
    private const int FreeConflicts = 10;

    // While another process leads it deals with what is deleted, unless it dies first: two lease times and then some.
    private static readonly TimeSpan StandbyMemory = TimeSpan.FromMinutes(2);

    private readonly PipelineServices _services;
    private readonly Func<CancellationToken, Task<InformerScope>> _scopeOf;
    private readonly IReadOnlyList<FinalizerRegistration<TEntity>> _finalizers;
    private readonly EngineMetrics.ControllerMetrics _metrics;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly Tombstones<TEntity> _tombstones;
    private readonly ReconcileTracer _tracer;
    private readonly ConcurrentDictionary<ObjectKey, int> _conflicts = [];
    private readonly ILogger _logger;
    private Informer<TEntity>? _informer;
    private volatile bool _isActive;

    public ControllerPipeline(
        string name,
        Func<CancellationToken, Task<InformerScope>> scopeOf,
        IReadOnlyList<FinalizerRegistration<TEntity>> finalizers,
        PipelineServices services)
    {
        Name = name;
        _scopeOf = scopeOf;
        _finalizers = finalizers;
        _services = services;
        _metrics = services.Metrics.Controller(name, Workers);
        _queue = new(services.Time, services.Dice, observer: _metrics);
        _tombstones = new(services.Time);
        _tracer = new($"{services.Settings.Name}.{name}", ResourceType.Of<TEntity>(), services.TraceIdOf, services.Time);
        _logger = services.Loggers.CreateLogger(typeof(TController).FullName ?? name);
        services.Metrics.OnScrape(() =>
        {
            var (total, longest) = _queue.Unfinished();
            _metrics.Unfinished(total, longest);
        });
    }

    public string Name { get; }

    private int Workers => _services.Settings.ParallelReconciliation.MaxParallelReconciliations;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _informer = _services.Informers.Get<TEntity>(await _scopeOf(cancellationToken));
        _informer.AddHandler(this);
    }

    public async Task RunAsync(CancellationToken intake, CancellationToken abort)
    {
        var informer = _informer ?? throw new InvalidOperationException("The pipeline was not prepared.");
        try
        {
            await informer.Synced.WaitAsync(intake);
        }
        catch (OperationCanceledException) when (intake.IsCancellationRequested)
        {
            return;
        }

        // From here on the handler adds keys; those of before are added now. What both add is in the queue once.
        ForgetWhatAnotherHasDealtWith();
        _isActive = true;
        foreach (var key in informer.Store.Keys()) _queue.Add(key, Trigger.Resync);
        foreach (var key in _tombstones.Keys()) _queue.Add(key);

        var attempt = new Attempt<TController, TEntity>(
            informer,
            _tombstones,
            _finalizers,
            _services.Client,
            _services.FinalizerWriter,
            _services.Settings,
            _services.Scopes,
            _logger);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(attempt, intake, abort), CancellationToken.None)));
        _queue.Close();
    }

    public void Dispose()
    {
        _queue.Dispose();
        _tracer.Dispose();
    }

    public bool Enqueue(TEntity entity, TimeSpan queueIn)
    {
        var key = ObjectKey.Of(entity);
        return queueIn > TimeSpan.Zero ? _queue.AddAfter(key, queueIn, Trigger.Dependency) : _queue.Add(key, Trigger.Dependency);
    }

    void IInformerHandler<TEntity>.Upserted(TEntity? old, TEntity entity)
    {
        if (_isActive && IsWorthIt(old, entity)) _queue.Add(ObjectKey.Of(entity));
    }

    void IInformerHandler<TEntity>.Deleted(TEntity last, bool isReplaced)
    {
        if (!_isActive) ForgetWhatAnotherHasDealtWith();
        _tombstones.Add(last);
        if (_isActive && !isReplaced) _queue.Add(ObjectKey.Of(last));
    }

    // Without an election there is nobody else.
    private void ForgetWhatAnotherHasDealtWith()
    {
        if (_services.Settings.LeaderElectionType != LeaderElectionType.None) _tombstones.Expire(StandbyMemory);
    }

    // By generation, a change counts that changes what is wanted, or that is a step towards the object's end.
    private bool IsWorthIt(TEntity? old, TEntity entity)
    {
        if (old is null || _services.Settings.ReconcileStrategy == ReconcileStrategy.ByResourceVersion) return true;
        var (before, now) = (old.Metadata, entity.Metadata);
        if (now.Generation is null or 0) return true; // Kinds without a generation have nothing else to go by.
        return before.Generation != now.Generation
            || before.DeletionTimestamp != now.DeletionTimestamp
            || (now.DeletionTimestamp is not null && !(before.Finalizers ?? []).SequenceEqual(now.Finalizers ?? []));
    }

    private async Task WorkAsync(Attempt<TController, TEntity> attempt, CancellationToken intake, CancellationToken abort)
    {
        while (true)
        {
            WorkItem<ObjectKey> item;
            try
            {
                item = await _queue.TakeAsync(intake);
            }
            catch (OperationCanceledException) when (intake.IsCancellationRequested)
            {
                return;
            }

            var started = _services.Time.GetTimestamp();
            _metrics.Started();
            var run = _tracer.Begin(item);
            try
            {
                var verdict = await attempt.RunAsync(run, abort);
                using (run.Resume(_logger)) Settle(item.Key, verdict);
            }
            catch (OperationCanceledException) when (abort.IsCancellationRequested)
            {
                using (run.Resume(_logger)) _logger.Aborted(Name, item.Key);
                return;
            }
            finally
            {
                run.Dispose();
                _metrics.Ended(_services.Time.GetElapsedTime(started));
                _queue.Done(item.Key);
            }
        }
    }

    private void Settle(ObjectKey key, Verdict verdict)
    {
        if (verdict is not Verdict.Conflicted) _conflicts.TryRemove(key, out _);
        switch (verdict)
        {
            case Verdict.Settled { LookAgainIn: { } wait }:
                LookAgain(key, wait);
                break;
            case Verdict.Settled:
                _queue.Forget(key);
                _metrics.Success();
                break;
            case Verdict.NotYet(var wait, var why):
                _logger.NotYet(Name, key, LookAgain(key, wait), why);
                break;
            case Verdict.Parked(var cause):
                _queue.Forget(key);
                _metrics.TerminalError();
                _logger.Parked(Name, key, cause.Message);
                break;
            case Verdict.Conflicted(var cause):
                _informer!.Distrust(key);
                if (_conflicts.AddOrUpdate(key, 1, static (_, before) => before + 1) <= FreeConflicts) _queue.AddAfter(key, TimeSpan.Zero, Trigger.Retry);
                else _queue.Retry(key);
                _metrics.Requeue();
                _logger.Conflicted(Name, key, cause.Message);
                break;
            case Verdict.Failed(var message, var cause, var retryAfter):
                _metrics.Error();
                _logger.Failed(Name, key, message, Again(key, retryAfter, Trigger.Retry), cause);
                break;
        }
    }

    private TimeSpan LookAgain(ObjectKey key, TimeSpan wait)
    {
        if (wait > TimeSpan.Zero)
        {
            _queue.Forget(key);
            _metrics.RequeueAfter();
        }
        else
        {
            _metrics.Requeue();
        }

        return Again(key, wait, Trigger.Requeue);
    }

    // A wait that is over is no wait: at once, but at once again and again is with backoff, as is what names no wait.
    private TimeSpan Again(ObjectKey key, TimeSpan? wait, Trigger trigger)
    {
        if (wait is not { } asked || asked <= TimeSpan.Zero) return _queue.Retry(key, trigger);
        _queue.AddAfter(key, asked, trigger);
        return asked;
    }
}
