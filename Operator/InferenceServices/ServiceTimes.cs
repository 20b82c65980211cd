using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The times that end with a change of status. Their starts are in the conditions, so that a restart of the operator neither loses nor doubles one.</summary>
internal static class ServiceTimes
{
    /// <summary>From the first sight of a generation (for the first one: creation) to its being Ready; null unless that is what has just happened.</summary>
    public static TimeSpan? TimeToReady(V1ObjectMeta meta, InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now)
    {
        if (!ServiceStatusBuilder.IsRolledOut(after.Conditions, meta.Generation) || ServiceStatusBuilder.IsRolledOut(before?.Conditions, meta.Generation)) return null;
        var rollout = before?.Conditions.Find(ConditionTypes.Progressing);

        // A rollout that was only hidden behind the trouble of its model has been counted before.
        if (rollout?.Reason is Reasons.ModelNotFound or Reasons.ModelNotReady or Reasons.ModelFailed) return null;
        return meta.Generation is null or 1 ? Since(meta.CreationTimestamp, now)
            : rollout is { Status: "True" } ? Since(rollout.LastTransitionTime, now)
            : null; // complete at first sight: the change touched no pod
    }

    /// <summary>How long the pods have waited for a GPU; null unless the wait has just ended.</summary>
    public static TimeSpan? GpuWait(InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now) =>
        before?.Conditions.Find(ConditionTypes.GPUAvailable) is { Status: "False" } waited && after.Conditions.Find(ConditionTypes.GPUAvailable) is not { Status: "False" }
            ? Since(waited.LastTransitionTime, now)
            : null;

    private static TimeSpan? Since(DateTime? start, DateTimeOffset now) =>
        start is { } at && now.UtcDateTime - at is var took && took > TimeSpan.Zero ? took : start is null ? null : TimeSpan.Zero;
}
