using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>The scheduler's soft rules: the weights of kube-scheduler's default plugins, higher is better.</summary>
internal static class Scores
{
    private static readonly string[] Basic = ["cpu", "memory"];

    /// <summary>The best of the nodes that can take the pod; the name decides between equals, so that runs repeat.</summary>
    public static NodeState? Best(PodState pod, IReadOnlyList<NodeState> feasible, AffinityView affinity)
    {
        if (feasible.Count <= 1) return feasible.Count == 0 ? null : feasible[0];
        var preference = Normal(feasible, n => NodePreference(pod.Pod.Spec, n.Node));
        var neighbours = Normal(feasible, affinity.Score);
        var siblings = Normal(feasible, n => -Siblings(pod, n));
        var taints = Normal(feasible, n => -SoftTaints(pod.Pod.Spec, n.Node));
        return feasible
            .Select((node, i) => (node, score: (2 * preference[i]) + (2 * neighbours[i]) + (2 * siblings[i]) + (3 * taints[i]) + LeastAllocated(pod, node) + Balanced(pod, node)))
            .OrderByDescending(s => s.score)
            .ThenBy(s => s.node.Pods.Count)
            .ThenBy(s => s.node.Name, StringComparer.Ordinal)
            .First().node;
    }

    /// <returns>0 (full) to 100 (empty), over the resources the pod asks for, CPU and memory always among them.</returns>
    public static double LeastAllocated(PodState pod, NodeState node)
    {
        var resources = pod.Requests.Keys.Union(Basic).Where(r => node.Allocatable(r) > 0).ToList();
        return resources.Count == 0 ? 0 : resources.Average(r => 100 * (double)((node.Allocatable(r) - Taken(pod, node, r)) / node.Allocatable(r)));
    }

    private static double Balanced(PodState pod, NodeState node)
    {
        var shares = Basic.Where(r => node.Allocatable(r) > 0).Select(r => (double)(Taken(pod, node, r) / node.Allocatable(r))).ToList();
        return shares.Count < 2 ? 100 : 100 * (1 - (Math.Abs(shares[0] - shares[1]) / 2));
    }

    private static decimal Taken(PodState pod, NodeState node, string resource) => node.Used.GetValueOrDefault(resource) + pod.Requests.GetValueOrDefault(resource);

    private static long NodePreference(V1PodSpec spec, V1Node node) =>
        spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution?.Where(p => NodeSelectors.Matches(p.Preference, node)).Sum(p => (long)p.Weight) ?? 0;

    /// <summary>Pods of one controller spread over the nodes.</summary>
    private static long Siblings(PodState pod, NodeState node) =>
        pod.Pod.Controller()?.Uid is { } owner ? node.Pods.LongCount(p => p.Pod.Controller()?.Uid == owner) : 0;

    private static long SoftTaints(V1PodSpec spec, V1Node node) =>
        node.Spec?.Taints?.Count(t => t.Effect == "PreferNoSchedule" && !(spec.Tolerations ?? []).Any(x => Filters.Tolerates(x, t))) ?? 0;

    private static double[] Normal(IReadOnlyList<NodeState> nodes, Func<NodeState, long> score)
    {
        var raw = nodes.Select(score).ToArray();
        var (least, most) = (raw.Min(), raw.Max());
        return [.. raw.Select(r => most == least ? 0 : 100.0 * (r - least) / (most - least))];
    }
}
