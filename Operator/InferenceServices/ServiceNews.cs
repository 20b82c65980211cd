using System.Collections.Concurrent;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Tells Models whether a service of theirs is Ready, from which they know that their accelerator is in use. It counts as told once it has
/// been, so that what goes wrong in between is made up for by the next attempt.
/// </summary>
internal sealed class ServiceNews(ParentWaker parents)
{
    private readonly ConcurrentDictionary<string, (string Model, bool IsReady)> _told = new();

    /// <summary>Wakes the Model if the service has become Ready or has ceased to be, and both Models if it has changed over.</summary>
    public async Task TellAsync(InferenceService service, InferenceServiceStatus status, CancellationToken cancellationToken)
    {
        var (uid, ns) = (service.Metadata.Uid, service.Metadata.NamespaceProperty);
        var now = (Model: service.Spec.ModelRef, IsReady: status.Phase == InferenceServicePhases.Ready);
        var isKnown = _told.TryGetValue(uid, out var told);
        if (isKnown && told == now) return;
        if (isKnown && told.Model != now.Model) await parents.WakeModelAsync(ns, told.Model, cancellationToken);
        await parents.WakeModelAsync(ns, now.Model, cancellationToken);
        _told[uid] = now;
    }

    /// <summary>Wakes the Model of a service that is gone.</summary>
    public async Task TellOfEndAsync(InferenceService service, CancellationToken cancellationToken)
    {
        await parents.WakeModelAsync(service.Metadata.NamespaceProperty, service.Spec.ModelRef, cancellationToken);
        _told.TryRemove(service.Metadata.Uid, out _);
    }
}
