using KubeOps.Abstractions.Events;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Models;

/// <summary>The only writer of a Model's status and Events; what it has written it records in the metrics and tells the Model's services.</summary>
internal sealed class ModelReporter(StatusWriter writer, EventPublisher events, ParentWaker parents, OperatorMetrics metrics)
{
    /// <summary>Writes the status if it says something new, then all that follows from it.</summary>
    public async Task WriteAsync(ModelSnapshot seen, Decision<ModelStatus> decision, CancellationToken cancellationToken)
    {
        var (model, before) = (seen.Model, seen.Model.Status);
        if (!await writer.WriteAsync(model, decision.Status, cancellationToken)) return;
        Record(seen, before, decision.Status);
        foreach (var news in decision.Announcements) await events(model, news.Reason, news.Message, news.Type, cancellationToken);
        await parents.WakeServicesOfAsync(model, cancellationToken);
    }

    private void Record(ModelSnapshot seen, ModelStatus? before, ModelStatus after)
    {
        var isNew = after.Phase == ModelPhases.Ready && (before?.Phase != ModelPhases.Ready || before.CacheKey != after.CacheKey);
        if (!isNew || FetchStates.Of(seen.Job, seen.Pods, seen.Now) is not FetchState.Succeeded { Report: { Cached: false, Seconds: { } seconds } }) return;
        var source = SourceAddress.TryParse(seen.Model.Spec.Source, out var address, out _) && address is SourceAddress.Local ? SourceType.Local : SourceType.Remote;
        metrics.ModelDownloaded(seen.Model.Metadata.NamespaceProperty, seen.Model.Metadata.Name, source, TimeSpan.FromSeconds(seconds));
    }
}
