using k8s.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Keeps the queue for GPUs up to date pod by pod, and says whose place has changed, so that exactly those are looked at again.</summary>
internal sealed class GpuQueueMonitor
{
    // Invariant, held whenever _gate is free: Current is the queue of _waiting, and _waiting holds the pods that wait for a GPU.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, V1Pod> _waiting = [];

    /// <summary>The queue as of the last pod that was seen.</summary>
    public GpuQueue Current { get; private set; } = GpuQueue.Empty;

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
            var before = Current;
            Current = GpuQueue.Of(_waiting.Values);
            return GpuQueue.Moved(before, Current);
        }
    }
}
