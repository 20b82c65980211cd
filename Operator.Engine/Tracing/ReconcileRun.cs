using System.Diagnostics;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Queue;
using LlmKube.Operator.Engine.Workers;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>
/// What one taking of a key comes to, for traces and logs: a span for the object of that name and, where an earlier one has gone meanwhile,
/// one for that. Lines that are logged in between carry its id.
/// </summary>
internal sealed class ReconcileRun : IDisposable
{
    private const string Result = "llmkube.reconcile.result";

    private readonly ReconcileTracer _tracer;
    private readonly int _failuresBefore;
    private Activity? _span;
    private IReadOnlyDictionary<string, object>? _logProperties;
    private bool _isOpen;

    public ReconcileRun(ReconcileTracer tracer, WorkItem<ObjectKey> item, ReconcileTracer.Unsettled before)
    {
        (_tracer, Item, Taken) = (tracer, item, tracer.Now);
        (Previous, _failuresBefore) = (before.Span, before.Failures);
    }

    /// <summary>Identifies the run in spans and logs.</summary>
    public string Id { get; } = Guid.NewGuid().ToString();

    /// <summary>The key.</summary>
    public WorkItem<ObjectKey> Item { get; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset Taken { get; }

    /// <summary>The span of the run before, if that left something to do.</summary>
    public ActivityContext? Previous { get; }

    /// <summary>1, and one more for each failure in a row before it.</summary>
    public int Attempt => _failuresBefore + 1;

    /// <summary>How it has ended so far: of several objects the worst.</summary>
    public Verdict Verdict { get; private set; } = Verdict.Done;

    /// <summary>Work on an object begins; its span is the current one of the async method that calls this.</summary>
    /// <returns>Ends what is logged of it.</returns>
    public IDisposable? Enter(V1ObjectMeta of, IReadOnlyDictionary<string, object> logProperties, ILogger logger)
    {
        EndSpan();
        _span = _tracer.Start(this, of);
        _isOpen = true;
        _logProperties = logProperties;
        return logger.BeginScope(logProperties);
    }

    /// <summary>Goes on with the object that work began on last, in another async method: for what follows from how it ended.</summary>
    /// <returns>Ends what is logged of it.</returns>
    public IDisposable? Resume(ILogger logger)
    {
        Activity.Current = _span;
        return _logProperties is null ? null : logger.BeginScope(_logProperties);
    }

    /// <summary>Work on the object has ended so; or there was none to work on.</summary>
    public void Ended(Verdict verdict)
    {
        Verdict = Verdict.And(verdict);
        var wasOpen = _isOpen;
        _isOpen = false;
        if (!wasOpen || _span is not { IsAllDataRequested: true } span) return;
        span.SetTag(Result, NameOf(verdict));
        if (verdict is Verdict.Failed(var message, var cause, _)) span.SetFailed(message, cause);
        else if (verdict is Verdict.Parked(var undecodable)) span.SetFailed(undecodable.Message, undecodable);
    }

    /// <summary>Everything has ended; the next run may begin.</summary>
    public void Dispose()
    {
        if (_isOpen) _span?.SetTag(Result, "aborted");

        // Where the object could not even be looked at there is no span, and the next one links to the one before.
        var left = _span?.Context ?? Previous;
        _tracer.Ended(Item.Key, Verdict switch
        {
            Verdict.Failed or Verdict.Conflicted => new(left, Attempt),
            Verdict.NotYet => new(left, 0),
            _ => null,
        });
        EndSpan();
    }

    // As in the metrics, but for the two that those count among others.
    private static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Settled { LookAgainIn: null } => "success",
        Verdict.Settled { LookAgainIn: var wait } => wait > TimeSpan.Zero ? "requeue_after" : "requeue",
        Verdict.NotYet { LookAgainIn: var wait } => wait > TimeSpan.Zero ? "requeue_after" : "requeue",
        Verdict.Conflicted => "conflict",
        Verdict.Parked => "terminal_error",
        Verdict.Failed => "error",
        _ => throw new UnreachableException(),
    };

    private void EndSpan()
    {
        if (_span is not { } span) return;
        span.SetEndTime(_tracer.Now.UtcDateTime);
        span.Dispose();
        _span = null;
    }
}
