using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tracing;

/// <summary>What has ended for a Model with a change of its status: a fetch, well or not.</summary>
internal static class ModelSpans
{
    public const string Fetch = "model.fetch";

    /// <summary>The fetch that this change of status is the first to tell of; null: none. Pure.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="before">The status as it was.</param>
    /// <param name="after">The status as it has been written.</param>
    public static PastSpan? Ended(ModelSnapshot seen, ModelStatus? before, ModelStatus after)
    {
        if (seen.Job is not { } job) return null;
        return seen.Fetch switch
        {
            FetchState.Succeeded(var report) when after.Sha256 is not null && !ModelStatuses.IsOfSameFile(before, after) => Span(seen, job, report, null),
            FetchState.Failed(var report, _) when IsNewsOf(report, before, after) => Span(seen, job, report, after),
            FetchState.ResultMissing when IsNewsOf(ModelDecider.Lost, before, after) => Span(seen, job, null, after),
            _ => null,
        };
    }

    private static PastSpan Span(ModelSnapshot seen, V1Job job, FetchReport? report, ModelStatus? failed)
    {
        var end = (job.Status.CompletionTime ?? job.Status.Conditions?.Where(c => c is { Type: "Complete" or "Failed", Status: "True" }).Max(c => c.LastTransitionTime))?.Moment() ?? seen.Now;
        var attributes = new Dictionary<string, object?>
        {
            [SpanAttributes.ModelName] = seen.Model.Metadata.Name,
            [SpanAttributes.JobName] = job.Metadata.Name,
        };
        Describe(attributes, seen.Model.Spec.Source);
        if (report?.Bytes is { } bytes) attributes[SpanAttributes.Bytes] = bytes;
        if (report?.Transferred is { } transferred) attributes[SpanAttributes.BytesTransferred] = transferred;
        if (report?.Resumes is { } resumes) attributes[SpanAttributes.Resumes] = resumes;
        if (report is { Complete: true }) attributes[SpanAttributes.IsCached] = report.Cached;
        return new PastSpan(Fetch, (job.Status.StartTime ?? job.Metadata.CreationTimestamp)?.Moment() ?? end, end)
        {
            Attributes = attributes,
            Error = failed?.Conditions.Find(ConditionTypes.Degraded)?.Reason,
        };
    }

    // Path and query are left out: they can hold tokens, and the user information does.
    private static void Describe(Dictionary<string, object?> attributes, string source)
    {
        if (!SourceAddress.TryParse(source, out var address, out _)) return;
        attributes[SpanAttributes.SourceType] = address.IsMounted ? "local" : "remote";
        if (address is not SourceAddress.Remote { Url: var url }) return;
        attributes[SpanAttributes.UrlScheme] = url.Scheme;
        attributes[SpanAttributes.ServerAddress] = url.Host;
    }

    // A fetch that is begun is under way in the status first, so that a status which was stopped already has told of this end. It may have
    // been stopped by something else meanwhile (a refusal, a spec that can't be honoured): an end is then rather not told than told twice.
    private static bool IsNewsOf(FetchReport report, ModelStatus? before, ModelStatus after) =>
        ModelStatuses.IsStopped(after)
        && after.Conditions.Find(ConditionTypes.Degraded) is { Status: "True" } trouble && trouble.Message == ModelStatuses.MessageOf(report)
        && (before is null || before.CacheKey != after.CacheKey || !ModelStatuses.IsStopped(before));
}
