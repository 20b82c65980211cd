using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;

namespace LlmKube.Operator.LocalCluster.Controllers.ReplicaSets;

/// <summary>Which pods a ReplicaSet lacks or has too many of.</summary>
internal static class ReplicaSetDecider
{
    /// <summary>The pods to give up first: those not running yet, not ready, ready for the shortest time, youngest.</summary>
    public static IReadOnlyList<V1Pod> ToDelete(IEnumerable<V1Pod> active, int count) =>
    [
        .. active
            .OrderBy(p => string.IsNullOrEmpty(p.Spec.NodeName) ? 0 : 1)
            .ThenBy(p => p.Status?.Phase switch { "Pending" => 0, "Unknown" => 1, "Running" => 2, _ => 0 })
            .ThenBy(p => p.IsReady() ? 1 : 0)
            .ThenBy(p => Cost(p))
            .ThenByDescending(p => p.Condition("Ready")?.LastTransitionTime ?? DateTime.MaxValue)
            .ThenByDescending(p => p.Metadata.CreationTimestamp ?? DateTime.MaxValue)
            .ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .Take(count),
    ];

    public static V1ReplicaSetStatus Status(V1ReplicaSet set, IReadOnlyList<V1Pod> active, string? failure, DateTime now)
    {
        var least = set.Spec.MinReadySeconds ?? 0;
        var labels = set.Spec.Template.Metadata?.Labels ?? new Dictionary<string, string>();
        return new()
        {
            Replicas = active.Count,
            FullyLabeledReplicas = Some(active.Count(p => labels.All(l => p.Metadata.Labels is { } own && own.TryGetValue(l.Key, out var v) && v == l.Value))),
            ReadyReplicas = Some(active.Count(p => p.IsReady())),
            AvailableReplicas = Some(active.Count(p => p.UntilAvailable(least, now) == TimeSpan.Zero)),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = Conditions(set.Status?.Conditions, failure, now),
        };
    }

    private static List<V1ReplicaSetCondition>? Conditions(IList<V1ReplicaSetCondition>? before, string? failure, DateTime now)
    {
        var others = before?.Where(c => c.Type != "ReplicaFailure").ToList() ?? [];
        if (failure is not null)
        {
            var known = before?.FirstOrDefault(c => c.Type == "ReplicaFailure");
            others.Add(new()
            {
                Type = "ReplicaFailure",
                Status = "True",
                Reason = "FailedCreate",
                Message = failure,
                LastTransitionTime = known?.LastTransitionTime ?? now,
            });
        }

        return others.Count == 0 ? null : others;
    }

    // The server leaves zeros out; a zero written would differ from what is read back, for ever.
    private static int? Some(int count) => count == 0 ? null : count;

    private static int Cost(V1Pod pod) =>
        pod.Metadata.Annotations is { } a && a.TryGetValue("controller.kubernetes.io/pod-deletion-cost", out var text)
        && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var cost) ? cost : 0;
}
