using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Why a node can't take a pod.</summary>
/// <param name="Reasons">In the real scheduler's words.</param>
/// <param name="Unresolvable">No removal of other pods would help.</param>
internal sealed record Rejection(IReadOnlyList<string> Reasons, bool Unresolvable);

/// <summary>What a pod's claims ask of a node.</summary>
/// <param name="Bound">The volumes of its bound claims.</param>
/// <param name="Waiting">For each claim that waits for a node, whether a free volume reaches one or can be made there.</param>
internal sealed record VolumeNeeds(IReadOnlyList<V1PersistentVolume> Bound, IReadOnlyList<Func<V1Node, bool>> Waiting)
{
    public static VolumeNeeds None { get; } = new([], []);
}

/// <summary>The scheduler's hard rules: pure, one node at a time, in the order of kube-scheduler's plugins.</summary>
internal static class Filters
{
    /// <returns>Null when the node can take the pod.</returns>
    public static Rejection? Check(PodState pod, NodeState node, VolumeNeeds volumes, AffinityView affinity) =>
        Fixed(pod, node.Node)
        ?? Ports(pod, node)
        ?? Fit(pod, node)
        ?? Volumes(node.Node, volumes)
        ?? affinity.Check(pod, node);

    private static Rejection? Fixed(PodState pod, V1Node node)
    {
        var tolerations = pod.Pod.Spec.Tolerations ?? [];
        if (node.Spec?.Unschedulable == true && !tolerations.Any(t => Tolerates(t, new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" })))
        {
            return new(["node(s) were unschedulable"], true);
        }

        if (Untolerated(tolerations, node) is { } taint) return new([$"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}"], true);
        return MatchesNode(pod.Pod.Spec, node) ? null : new(["node(s) didn't match Pod's node affinity/selector"], true);
    }

    /// <summary>The first taint that keeps the pod away.</summary>
    public static V1Taint? Untolerated(IList<V1Toleration> tolerations, V1Node node) =>
        node.Spec?.Taints?.FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute" && !tolerations.Any(x => Tolerates(x, t)));

    public static bool Tolerates(V1Toleration toleration, V1Taint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect) return false;
        if (!string.IsNullOrEmpty(toleration.Key) && toleration.Key != taint.Key) return false;
        return toleration.OperatorProperty == "Exists"
            || (!string.IsNullOrEmpty(toleration.Key) && toleration.OperatorProperty is null or "" or "Equal" && (toleration.Value ?? "") == (taint.Value ?? ""));
    }

    public static bool MatchesNode(V1PodSpec spec, V1Node node) =>
        (spec.NodeSelector?.All(l => node.Label(l.Key) == l.Value) ?? true)
        && (spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required || NodeSelectors.Matches(required, node));

    private static Rejection? Ports(PodState pod, NodeState node) =>
        pod.HostPorts.Any(p => node.Pods.Any(other => other.HostPorts.Any(o => o.Port == p.Port && o.Protocol == p.Protocol
            && (o.Address == p.Address || o.Address == "0.0.0.0" || p.Address == "0.0.0.0"))))
            ? new(["node(s) didn't have free ports for the requested pod ports"], false) : null;

    /// <summary>All that the node lacks, not just the first.</summary>
    private static Rejection? Fit(PodState pod, NodeState node)
    {
        var reasons = new List<string>();
        if (node.Pods.Count + 1 > node.Allocatable("pods")) reasons.Add("Too many pods");
        foreach (var (resource, amount) in pod.Requests.OrderBy(r => Rank(r.Key)).ThenBy(r => r.Key, StringComparer.Ordinal))
        {
            if (amount <= node.Allocatable(resource) - node.Used.GetValueOrDefault(resource) || amount == 0) continue;
            reasons.Add($"Insufficient {resource}");
        }

        return reasons.Count == 0 ? null : new(reasons, false);
    }

    private static int Rank(string resource) => resource switch { "cpu" => 0, "memory" => 1, "ephemeral-storage" => 2, _ => 3 };

    private static Rejection? Volumes(V1Node node, VolumeNeeds volumes)
    {
        if (volumes.Bound.Any(v => v.Spec.NodeAffinity?.Required is { } required && !NodeSelectors.Matches(required, node)))
        {
            return new(["node(s) didn't match PersistentVolume's node affinity"], true);
        }

        return volumes.Waiting.All(can => can(node)) ? null : new(["node(s) didn't find available persistent volumes to bind"], true);
    }
}
