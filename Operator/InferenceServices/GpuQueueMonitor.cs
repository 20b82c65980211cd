using k8s.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Follows the pods that wait for GPUs and says whose place a change has moved, so that exactly those services are looked at again. What
/// their places are they see for themselves, in the pods.
/// </summary>
internal sealed class GpuQueueMonitor
{
    // Invariant, held whenever _gate is free: _queue is the queue of _waiting, and _waiting holds the pods that wait for a GPU.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, V1Pod> _waiting = [];
    private GpuQueue _queue = GpuQueue.Empty;

    /// <summary>Takes note of a pod as it is now.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="gone">True if it has been deleted.</param>
    /// <returns>The services whose place has changed by it.</returns>
    public IReadOnlyList<(string Namespace, string Name)> Observe(V1Pod pod, bool gone)
    {
        var waits = !gone && pod.GpuWaitedFor() is not null;
        lock (_gate)
        {
            if (waits) _waiting[pod.Metadata.Uid] = pod;
            else if (!_waiting.Remove(pod.Metadata.Uid)) return [];
            return Moved();
        }
    }

    /// <summary>Takes note that a service is gone, whatever pods it leaves behind.</summary>
    /// <returns>The services whose place has changed by it.</returns>
    public IReadOnlyList<(string Namespace, string Name)> Forget(string @namespace, string service)
    {
        lock (_gate)
        {
            foreach (var (uid, pod) in _waiting)
            {
                if (pod.Metadata.NamespaceProperty == @namespace && ServiceNames.OfPod(pod) == service) _waiting.Remove(uid);
            }

            return Moved();
        }
    }

    private IReadOnlyList<(string Namespace, string Name)> Moved()
    {
        var before = _queue;
        _queue = GpuQueue.Of(_waiting.Values);
        return GpuQueue.Moved(before, _queue);
    }
}
