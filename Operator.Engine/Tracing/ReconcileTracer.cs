using System.Collections.Concurrent;
using System.Diagnostics;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Queue;

namespace LlmKube.Operator.Engine.Tracing;

/// <summary>
/// Makes the spans of one controller's runs. Each controller has an <see cref="ActivitySource"/> of its own, so that a host listens to those
/// that do the work and not to those that only wake them; without a listener a run costs no span and no attribute.
/// </summary>
/// <param name="source">The name of the source; the engine's is <c>{operator}.{controller}</c>.</param>
/// <param name="type">What the controller reconciles.</param>
/// <param name="traceIdOf">In which trace the runs on an object belong; null: each is a trace.</param>
/// <param name="time">The clock.</param>
internal sealed class ReconcileTracer(string source, ResourceType type, Func<V1ObjectMeta, ActivityTraceId>? traceIdOf, TimeProvider time) : IDisposable
{
    private readonly ActivitySource _source = new(source);
    private readonly string _spanName = $"reconcile {type.Kind}";
    private readonly string _nameTag = $"llmkube.{type.Label}.name";

    // Of keys whose last run left something to do: as few as are being retried.
    private readonly ConcurrentDictionary<ObjectKey, Unsettled> _unsettled = new();

    /// <summary>What goes on now.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A worker has taken a key.</summary>
    public ReconcileRun Begin(WorkItem<ObjectKey> item) => new(this, item, _unsettled.GetValueOrDefault(item.Key));

    /// <summary>Starts the span of a run on an object.</summary>
    /// <returns>Null if nobody wants it.</returns>
    public Activity? Start(ReconcileRun run, V1ObjectMeta of)
    {
        if (!_source.HasListeners()) return null;
        var activity = RootTraceId.Start(_source, _spanName, ActivityKind.Consumer, traceIdOf?.Invoke(of), run.Taken);
        if (activity is not { IsAllDataRequested: true }) return activity;
        if (of.NamespaceProperty is { Length: > 0 } @namespace) activity.SetTag("k8s.namespace.name", @namespace);
        activity.SetTag(_nameTag, of.Name);
        activity.SetTag("k8s.object.uid", of.Uid);
        activity.SetTag("llmkube.generation", of.Generation);
        activity.SetTag("llmkube.resource_version", of.ResourceVersion);
        activity.SetTag("llmkube.reconcile.id", run.Id);
        activity.SetTag("llmkube.reconcile.trigger", NameOf(run.Item.Trigger));
        activity.SetTag("llmkube.queue.wait_seconds", run.Item.Waited.TotalSeconds);
        activity.SetTag("llmkube.attempt", run.Attempt);
        if (run.Previous is { } previous) activity.AddLink(new ActivityLink(previous));
        if (TraceAnnotations.Of(of) is { } writer) activity.AddLink(new ActivityLink(writer));
        return activity;
    }

    /// <summary>Remembers how a run ended, for the next one on the key.</summary>
    public void Ended(ObjectKey key, Unsettled? left)
    {
        if (left is { } unsettled) _unsettled[key] = unsettled;
        else _unsettled.TryRemove(key, out _);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static string NameOf(Trigger trigger) => trigger switch
    {
        Trigger.Watch => "watch",
        Trigger.Dependency => "dependency",
        Trigger.Resync => "resync",
        Trigger.Retry => "retry",
        Trigger.Requeue => "requeue",
        _ => throw new UnreachableException(),
    };

    /// <summary>What is to be known of a run that left something to do.</summary>
    /// <param name="Span">Its span, if it had one.</param>
    /// <param name="Failures">Failures in a row, this one included.</param>
    public readonly record struct Unsettled(ActivityContext? Span, int Failures);
}
