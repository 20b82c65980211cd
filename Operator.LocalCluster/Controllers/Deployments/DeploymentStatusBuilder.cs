using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Deployments;

/// <summary>Computes a Deployment's status from its ReplicaSets.</summary>
internal static class DeploymentStatusBuilder
{
    public static V1DeploymentStatus Build(
        V1Deployment deployment, V1ReplicaSet? current, IReadOnlyList<V1ReplicaSet> all, int maxUnavailable, string? progressReason, DateTime now)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        var before = deployment.Status ?? new();
        var replicas = all.Sum(s => s.Status?.Replicas ?? 0);
        var available = all.Sum(s => s.Status?.AvailableReplicas ?? 0);
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = Count(replicas),
            UpdatedReplicas = Count(current?.Status?.Replicas ?? 0),
            ReadyReplicas = Count(all.Sum(s => s.Status?.ReadyReplicas ?? 0)),
            AvailableReplicas = Count(available),
            UnavailableReplicas = Count(Math.Max(0, all.Sum(s => s.Spec.Replicas ?? 1) - available)),
            CollisionCount = before.CollisionCount,
            Conditions = [.. before.Conditions ?? []],
        };
        Set(status, available >= desired - maxUnavailable
            ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."), now);
        SetProgress(deployment, current, before, status, progressReason, now);
        SetFailure(status, all, now);
        return status;
    }

    /// <summary>All pods are of the current template, enough of them available, and no other is left.</summary>
    public static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        return (status.UpdatedReplicas ?? 0) == desired && (status.Replicas ?? 0) == desired && (status.AvailableReplicas ?? 0) == desired
            && status.ObservedGeneration >= deployment.Metadata.Generation;
    }

    /// <returns>When the deadline strikes, if the rollout is still going on.</returns>
    public static DateTime? Deadline(V1Deployment deployment, V1DeploymentStatus status)
    {
        if (deployment.Spec.ProgressDeadlineSeconds is not { } seconds || deployment.Spec.Paused == true) return null;
        var progress = status.Conditions?.FirstOrDefault(c => c.Type == "Progressing");
        if (progress is null || progress.Reason is "NewReplicaSetAvailable" or "ProgressDeadlineExceeded") return null;
        return progress.LastUpdateTime?.AddSeconds(seconds);
    }

    private static void SetProgress(
        V1Deployment deployment, V1ReplicaSet? current, V1DeploymentStatus before, V1DeploymentStatus status, string? reason, DateTime now)
    {
        if (deployment.Spec.ProgressDeadlineSeconds is null)
        {
            Drop(status, "Progressing");
            return;
        }

        var known = before.Conditions?.FirstOrDefault(c => c.Type == "Progressing");
        if (deployment.Spec.Paused == true)
        {
            if (known?.Reason != "ProgressDeadlineExceeded") Set(status, Condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"), now);
            return;
        }

        if (known?.Reason == "DeploymentPaused")
        {
            Set(status, Condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"), now);
            known = status.Conditions.First(c => c.Type == "Progressing");
        }

        if (reason is "NewReplicaSetCreated")
        {
            Set(status, Condition("Progressing", "True", reason, $"Created new replica set \"{current!.Metadata.Name}\""), now);
            return;
        }

        if (reason is "FoundNewReplicaSet")
        {
            Set(status, Condition("Progressing", "True", reason, $"Found new replica set \"{current!.Metadata.Name}\""), now);
            return;
        }

        var name = current is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{current.Metadata.Name}\"";

        // A deployment that is through with its rollout stays so: a pod that dies later is no lack of progress.
        if (known?.Reason == "NewReplicaSetAvailable" && (before.UpdatedReplicas ?? 0) == (status.UpdatedReplicas ?? 0)
            && before.ObservedGeneration == status.ObservedGeneration) return;
        if (IsComplete(deployment, status))
        {
            Set(status, Condition("Progressing", "True", "NewReplicaSetAvailable", $"{name} has successfully progressed."), now);
        }
        else if (HasProgressed(before, status))
        {
            Set(status, Condition("Progressing", "True", "ReplicaSetUpdated", $"{name} is progressing."), now, touch: true);
        }
        else if (Deadline(deployment, status) is { } deadline && now >= deadline)
        {
            Set(status, Condition("Progressing", "False", "ProgressDeadlineExceeded", $"{name} has timed out progressing."), now);
        }
    }

    private static bool HasProgressed(V1DeploymentStatus before, V1DeploymentStatus now) =>
        (now.UpdatedReplicas ?? 0) > (before.UpdatedReplicas ?? 0)
        || Old(now) < Old(before)
        || (now.ReadyReplicas ?? 0) > (before.ReadyReplicas ?? 0)
        || (now.AvailableReplicas ?? 0) > (before.AvailableReplicas ?? 0);

    private static int Old(V1DeploymentStatus status) => (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0);

    private static void SetFailure(V1DeploymentStatus status, IReadOnlyList<V1ReplicaSet> all, DateTime now)
    {
        var failure = all.SelectMany(s => s.Status?.Conditions ?? []).FirstOrDefault(c => c.Type == "ReplicaFailure" && c.Status == "True");
        if (failure is null) Drop(status, "ReplicaFailure");
        else Set(status, Condition("ReplicaFailure", "True", failure.Reason, failure.Message), now);
    }

    private static V1DeploymentCondition Condition(string type, string state, string reason, string message) =>
        new() { Type = type, Status = state, Reason = reason, Message = message };

    private static void Set(V1DeploymentStatus status, V1DeploymentCondition next, DateTime now, bool touch = false)
    {
        var index = status.Conditions.ToList().FindIndex(c => c.Type == next.Type);
        var known = index < 0 ? null : status.Conditions[index];
        if (!touch && known is not null && known.Status == next.Status && known.Reason == next.Reason && known.Message == next.Message) return;
        next.LastUpdateTime = now;
        next.LastTransitionTime = known?.Status == next.Status ? known.LastTransitionTime : now;
        if (known is null) status.Conditions.Add(next);
        else status.Conditions[index] = next;
    }

    private static void Drop(V1DeploymentStatus status, string type) => status.Conditions = [.. status.Conditions.Where(c => c.Type != type)];

    private static int? Count(int value) => value == 0 ? null : value;
}
