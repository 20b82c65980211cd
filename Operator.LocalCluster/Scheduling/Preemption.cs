namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Which pods of lower priority must go so that a pod fits.</summary>
internal static class Preemption
{
    /// <param name="pod">The pod that fits nowhere.</param>
    /// <param name="candidates">Nodes that a removal of pods could help.</param>
    /// <param name="fits">Whether the pod fits on a node as given.</param>
    /// <returns>The node where the least is lost: by the highest priority among the victims, then their sum, then their number.</returns>
    public static (NodeState Node, IReadOnlyList<PodState> Victims)? Choose(PodState pod, IEnumerable<NodeState> candidates, Func<NodeState, bool> fits)
    {
        (NodeState Node, IReadOnlyList<PodState> Victims)? best = null;
        foreach (var node in candidates.OrderBy(n => n.Name, StringComparer.Ordinal))
        {
            if (Victims(pod, node, fits) is { Count: > 0 } victims && (best is null || Cost(victims).CompareTo(Cost(best.Value.Victims)) < 0)) best = (node, victims);
        }

        return best;
    }

    /// <summary>All lower pods leave; then, the most important first, each that still fits may stay.</summary>
    private static List<PodState> Victims(PodState pod, NodeState node, Func<NodeState, bool> fits)
    {
        var lower = node.Pods.Where(p => p.Priority < pod.Priority)
            .OrderByDescending(p => p.Priority)
            .ThenBy(p => p.Pod.Status?.StartTime ?? DateTime.MaxValue)
            .ThenBy(p => p.Uid, StringComparer.Ordinal)
            .ToList();
        var left = node.Without(lower);
        if (lower.Count == 0 || !fits(left)) return [];
        var victims = new List<PodState>();
        foreach (var spared in lower)
        {
            left.Put(spared);
            if (fits(left)) continue;
            left.Remove(spared.Uid);
            victims.Add(spared);
        }

        return victims;
    }

    private static (int Highest, long Sum, int Count) Cost(IReadOnlyList<PodState> victims) =>
        (victims.Max(v => v.Priority), victims.Sum(v => (long)v.Priority), victims.Count);
}
