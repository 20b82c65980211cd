using KubeOps.Abstractions.Events;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The only writer of a service's status and Events; what it has written it records in metrics and traces.</summary>
internal sealed class ServiceReporter(StatusWriter writer, EventPublisher events, PositionThrottle throttle, OperatorMetrics metrics, TimeProvider time)
{
    /// <summary>Writes the status if it says something new, then the Events, metrics and spans of the change.</summary>
    /// <returns>When to come again, if a new place in the queue has to wait; else null.</returns>
    public async Task<TimeSpan?> WriteAsync(ServiceSnapshot seen, Decision<InferenceServiceStatus> decision, CancellationToken cancellationToken)
    {
        var service = seen.Service;
        var (before, after, uid) = (service.Status, decision.Status, service.Metadata.Uid);
        Spans.Phase(before?.Phase, after.Phase);
        var positionAlone = PositionThrottle.IsPositionAlone(before, after);
        if (positionAlone && throttle.Wait(uid) is { } wait) return wait;
        if (!await writer.WriteAsync(service, after, cancellationToken)) return null;

        if (positionAlone) throttle.Written(uid);
        else if (after.QueuePosition is null) throttle.Forget(uid);
        var now = time.GetUtcNow();
        Record(service, before, after, now);
        foreach (var ended in ServiceSpans.Between(seen, before, after, now)) ended.Emit(service.Metadata);
        foreach (var news in decision.Announcements) await events(service, news.Reason, news.Message, news.Type, cancellationToken);
        return null;
    }

    private void Record(InferenceService service, InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now)
    {
        var (name, ns) = (service.Metadata.Name, service.Metadata.NamespaceProperty);
        if (ServiceTimes.TimeToReady(before, after, now) is { } took) metrics.ServiceBecameReady(ns, name, took);
        if (ServiceTimes.Rollout(before, after, now) is { } rolled) metrics.RolledOut(ns, rolled);
        if (ServiceTimes.GpuWait(before, after, now) is { } waited) metrics.GpuWaitEnded(ns, name, waited);
    }
}
