using System.Diagnostics;
using k8s.Models;

namespace LlmKube.Operator.Tracing;

/// <summary>
/// Something that took longer than a reconcile and is over. Its start comes from what the cluster keeps, and it is told with the write of
/// status that ends it: whichever operator was there at the start, one tells it, once.
/// </summary>
/// <param name="Name">The span's name.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
internal sealed record PastSpan(string Name, DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>What else is to be said of it.</summary>
    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = new Dictionary<string, object?>();

    /// <summary>The trace of what it was about; null: of nothing else.</summary>
    public ActivityLink? About { get; init; }

    /// <summary>Why it failed, in one word; null: it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Makes the span: a root in the trace of an object's generation, linked to the reconcile that found it over.</summary>
    public void Emit(V1ObjectMeta of)
    {
        if (!Spans.Source.HasListeners()) return;
        var reconcile = Activity.Current;
        List<ActivityLink> links = [];
        if (About is { } about) links.Add(about);
        if (reconcile is not null) links.Add(new ActivityLink(reconcile.Context));

        // A context without a span: in this trace, under nobody. Whether the trace is sampled has been decided with the reconcile's span.
        var trace = new ActivityContext(ObjectTrace.IdOf(of), default, reconcile?.ActivityTraceFlags ?? ActivityTraceFlags.None);
        Activity.Current = null;
        try
        {
            using var span = Spans.Source.StartActivity(Name, ActivityKind.Internal, trace, Attributes, links, Start);
            if (span is null) return;
            span.SetTag(SpanAttributes.Namespace, of.NamespaceProperty).SetTag(SpanAttributes.Uid, of.Uid).SetTag(SpanAttributes.Generation, of.Generation);
            if (Error is { } error) span.SetTag(SpanAttributes.ErrorType, error).SetStatus(ActivityStatusCode.Error);
            span.SetEndTime((End > Start ? End : Start).UtcDateTime);
        }
        finally
        {
            Activity.Current = reconcile;
        }
    }
}
