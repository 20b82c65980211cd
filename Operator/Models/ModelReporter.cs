using KubeOps.Abstractions.Events;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Models;

/// <summary>The only writer of a Model's status and Events; what it has written it records in metrics and traces.</summary>
internal sealed class ModelReporter(StatusWriter writer, EventPublisher events, OperatorMetrics metrics)
{
    /// <summary>Writes the status if it says something new, then the Events, metrics and spans of the change.</summary>
    public async Task WriteAsync(ModelSnapshot seen, Decision<ModelStatus> decision, CancellationToken cancellationToken)
    {
        var (model, before) = (seen.Model, seen.Model.Status);
        Spans.Phase(before?.Phase, decision.Status.Phase);
        if (!await writer.WriteAsync(model, decision.Status, cancellationToken)) return;
        foreach (var claim in CacheStatuses.Claims(model.Spec, decision.Status)) Record(seen, claim, CacheStatuses.Of(model.Spec, before, claim), CacheStatuses.Of(model.Spec, decision.Status, claim)!);
        foreach (var news in decision.Announcements) await events(model, news.Reason, news.Message, news.Type, cancellationToken);
    }

    private void Record(ModelSnapshot seen, string claim, ModelStatus? before, ModelStatus after)
    {
        if (NewFailure(before, after) is { } reason) metrics.ModelFailed(reason);
        if (seen.Places.FirstOrDefault(p => p.ClaimName == claim)?.At(claim) is not { } place) return;
        ModelSpans.Ended(place, before, after)?.Emit(seen.Model.Metadata);
        if (DownloadTime(place, before, after) is not { } took) return;
        var source = SourceAddress.TryParse(seen.Model.Spec.Source, out var address, out _) && address.IsMounted ? SourceType.Local : SourceType.Remote;
        metrics.ModelDownloaded(seen.Model.Metadata, source, took);
    }

    /// <summary>The time of a claim's fetch that has just ended well; null if none has, or if it is another Model that counts it.</summary>
    internal static TimeSpan? DownloadTime(ModelSnapshot seen, ModelStatus? before, ModelStatus after)
    {
        if (after.Sha256 is null || ModelStatuses.IsOfSameFile(before, after)) return null;
        return seen.Fetch is FetchState.Succeeded { Report: { Cached: false, Seconds: { } seconds } } && seen.CountsFetch ? TimeSpan.FromSeconds(seconds) : null;
    }

    // As long as the reason is the same, it is the same failure, however often it is tried again.
    private static string? NewFailure(ModelStatus? before, ModelStatus after) =>
        after.Conditions.Find(ConditionTypes.Degraded) is { Status: "True" } failed
        && (before?.Conditions.Find(ConditionTypes.Degraded) is not { Status: "True" } known || known.Reason != failed.Reason)
            ? failed.Reason
            : null;
}
