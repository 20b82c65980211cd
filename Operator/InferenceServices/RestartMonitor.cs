using System.Collections.Concurrent;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Counts restarts of the services' containers, from the kubelet's own count. What it stood at when this process first looked at a service has been
/// counted by an earlier one; pods that come later are counted from zero.
/// </summary>
internal sealed class RestartMonitor(OperatorMetrics metrics)
{
    // By service, those that were restarted. One worker at a time has a service.
    private readonly ConcurrentDictionary<string, Dictionary<(string Pod, string Container), int>> _known = new();

    /// <summary>Takes note of a service's pods as they are now.</summary>
    public void Observe(InferenceService service, IReadOnlyList<V1Pod> pods)
    {
        var (ns, name) = (service.Metadata.NamespaceProperty, service.Metadata.Name);
        if (!_known.TryGetValue(service.Metadata.Uid, out var before)) metrics.ServiceMet(service.Metadata);
        var now = new Dictionary<(string, string), int>();
        foreach (var pod in pods)
        {
            foreach (var container in (IEnumerable<V1ContainerStatus>)[.. pod.Status?.InitContainerStatuses ?? [], .. pod.Status?.ContainerStatuses ?? []])
            {
                var key = (pod.Metadata.Uid, container.Name);
                var known = before is null ? container.RestartCount : before.GetValueOrDefault(key);
                if (container.RestartCount > known) metrics.Restarted(ns, name, ReasonOf(container), container.RestartCount - known);
                if (Math.Max(known, container.RestartCount) is > 0 and var restarts) now[key] = restarts;
            }
        }

        _known[service.Metadata.Uid] = now;
    }

    /// <summary>The service is gone.</summary>
    public void Forget(string uid) => _known.TryRemove(uid, out _);

    // Of several restarts since the last look only the newest one's reason is known.
    private static string ReasonOf(V1ContainerStatus container) => container.LastState?.Terminated is { } end ? PodTrouble.OfEnd(container.Name, end) : "Unknown";
}
