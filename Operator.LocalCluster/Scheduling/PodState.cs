using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>A pod as the scheduler sees it; what it requests is summed once.</summary>
internal sealed class PodState(V1Pod pod, int? priority = null)
{
    public V1Pod Pod { get; } = pod;

    public string Uid => Pod.Metadata.Uid;

    public string Namespace => Pod.Metadata.NamespaceProperty;

    public int Priority { get; } = pod.Spec.Priority ?? priority ?? 0;

    public bool Repels => Pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is { Count: > 0 };

    /// <summary>Other pods decide where it may go.</summary>
    public bool MindsNeighbours => Pod.Spec.Affinity is { PodAffinity: not null } or { PodAntiAffinity: not null };

    public IReadOnlyDictionary<string, decimal> Requests { get; } = Sum(pod.Spec);

    public IReadOnlyList<(int Port, string Protocol, string Address)> HostPorts { get; } =
    [
        .. pod.Spec.Containers.SelectMany(c => c.Ports ?? [])
            .Where(p => p.HostPort is > 0)
            .Select(p => (p.HostPort!.Value, p.Protocol ?? "TCP", p.HostIP ?? "0.0.0.0")),
    ];

    public IReadOnlyList<string> Claims { get; } =
        [.. pod.Spec.Volumes?.Select(v => v.PersistentVolumeClaim?.ClaimName).OfType<string>().Distinct() ?? []];

    /// <summary>
    /// What must be free for the pod: the containers' sum, or the largest init container if that is more
    /// (init containers that keep running add up), plus the overhead. A limit without a request is a request.
    /// </summary>
    private static Dictionary<string, decimal> Sum(V1PodSpec spec)
    {
        var sum = new Dictionary<string, decimal>();
        foreach (var container in spec.Containers) Add(sum, Of(container));
        var sidecars = new Dictionary<string, decimal>();
        var peak = new Dictionary<string, decimal>();
        foreach (var container in spec.InitContainers ?? [])
        {
            var own = Of(container);
            if (container.RestartPolicy == "Always")
            {
                Add(sidecars, own);
                Max(peak, sidecars);
            }
            else
            {
                Add(own, sidecars);
                Max(peak, own);
            }
        }

        Add(sum, sidecars);
        Max(sum, peak);
        Add(sum, (spec.Overhead ?? new Dictionary<string, ResourceQuantity>()).ToDictionary(o => o.Key, o => o.Value.ToDecimal()));
        return sum;
    }

    private static Dictionary<string, decimal> Of(V1Container container)
    {
        var requests = (container.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>()).ToDictionary(r => r.Key, r => r.Value.ToDecimal());
        foreach (var (resource, limit) in container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>()) requests.TryAdd(resource, limit.ToDecimal());
        return requests;
    }

    private static void Add(Dictionary<string, decimal> sum, Dictionary<string, decimal> more)
    {
        foreach (var (resource, amount) in more) sum[resource] = sum.GetValueOrDefault(resource) + amount;
    }

    private static void Max(Dictionary<string, decimal> most, Dictionary<string, decimal> other)
    {
        foreach (var (resource, amount) in other) most[resource] = Math.Max(most.GetValueOrDefault(resource), amount);
    }
}
