using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A service with pods that wait for a GPU.</summary>
/// <param name="Service">Namespace and name.</param>
/// <param name="Priority">The greatest priority among the waiting pods, as the API server resolved it.</param>
/// <param name="Since">Since when the first of them has waited.</param>
internal sealed record GpuWaiter((string Namespace, string Name) Service, int Priority, DateTime Since);

/// <summary>The services that wait for GPUs, in the order in which the scheduler will try them: by priority, then by age.</summary>
internal sealed class GpuQueue
{
    private readonly Dictionary<(string Namespace, string Name), int> _positions;

    private GpuQueue(IReadOnlyList<GpuWaiter> waiters)
    {
        Waiters = waiters;
        _positions = waiters.Select((w, i) => (w.Service, Position: i + 1)).ToDictionary(p => p.Service, p => p.Position);
    }

    /// <summary>Nobody waits.</summary>
    public static GpuQueue Empty { get; } = new([]);

    /// <summary>Those who wait, the next one first.</summary>
    public IReadOnlyList<GpuWaiter> Waiters { get; }

    /// <summary>The queue that these pods make; those that don't wait for a GPU are not in it.</summary>
    /// <param name="pods">Pods of ours.</param>
    /// <param name="services">The services that exist: what an earlier one left behind waits for nobody. Null: all that have pods.</param>
    public static GpuQueue Of(IEnumerable<V1Pod> pods, IEnumerable<InferenceService>? services = null)
    {
        var existing = services?.Select(s => (s.Metadata.NamespaceProperty, s.Metadata.Name)).ToHashSet();
        return new(
        [
            .. pods
                .Where(p => p.GpuWaitedFor() is not null)
                .Select(p => (Service: (p.Metadata.NamespaceProperty, Name: ServiceNames.OfPod(p)!), Pod: p))
                .Where(p => p.Service.Name is not null && existing?.Contains(p.Service) != false)
                .GroupBy(p => p.Service)
                .Select(g => new GpuWaiter(g.Key, g.Max(p => p.Pod.Spec.Priority ?? 0), g.Min(p => p.Pod.WaitingSince())))
                .OrderByDescending(w => w.Priority)
                .ThenBy(w => w.Since)
                .ThenBy(w => w.Service.Namespace, StringComparer.Ordinal)
                .ThenBy(w => w.Service.Name, StringComparer.Ordinal),
        ]);
    }

    /// <summary>The place of a service, beginning with 1; null if it doesn't wait.</summary>
    public int? PositionOf(string @namespace, string name) => _positions.TryGetValue((@namespace, name), out var position) ? position : null;

    /// <summary>The services whose place differs between two queues, also those that are in only one of them.</summary>
    public static IReadOnlyList<(string Namespace, string Name)> Moved(GpuQueue before, GpuQueue after) =>
        [.. before._positions.Keys.Union(after._positions.Keys).Where(s => before.PositionOf(s.Namespace, s.Name) != after.PositionOf(s.Namespace, s.Name))];
}
