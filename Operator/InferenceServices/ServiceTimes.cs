using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The times that end with a change of status. Their starts are in the status, so that a restart of the operator neither loses nor doubles one.</summary>
internal static class ServiceTimes
{
    /// <summary>
    /// From the first sight of a generation (of a new service: from its creation) to its being Ready, once for each generation that brought new
    /// pods; null unless that has just happened.
    /// </summary>
    public static TimeSpan? TimeToReady(InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now) =>
        IsReady(after) && before?.ReadyGeneration != after.ObservedGeneration && (IsNew(before) || HasComeUp(before!, after)) ? Since(after.GenerationSince, now) : null;

    /// <summary>From the begin of a rollout to all wanted pods being of the current spec; null unless that has just happened.</summary>
    public static TimeSpan? Rollout(InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now) =>
        IsReady(after) && before is { RolloutSince: { } since, RolloutRevision: { } underWay } && HasNewPods(before, after) && after.RolledOutRevision == underWay
            ? Since(since, now)
            : null;

    /// <summary>How long the pods have waited for a GPU; null unless the wait has just ended.</summary>
    public static TimeSpan? GpuWait(InferenceServiceStatus? before, InferenceServiceStatus after, DateTimeOffset now) =>
        before?.Conditions.Find(ConditionTypes.GPUAvailable) is { Status: "False" } waited && after.Conditions.Find(ConditionTypes.GPUAvailable) is not { Status: "False" }
            ? Since(waited.LastTransitionTime, now)
            : null;

    private static bool HasComeUp(InferenceServiceStatus before, InferenceServiceStatus after) =>
        !IsReady(before) && before.ObservedGeneration == after.ObservedGeneration && (HasNewPods(before, after) || IsServedElsewhereAtLast(before, after));

    // An agent outside the cluster serves, without pods: that counts once.
    private static bool IsServedElsewhereAtLast(InferenceServiceStatus before, InferenceServiceStatus after) => before.ReadyGeneration is null && after.RolledOutRevision is null;

    // A change of replicas alone leaves the revision as it is.
    private static bool HasNewPods(InferenceServiceStatus before, InferenceServiceStatus after) => before.RolledOutRevision != after.RolledOutRevision;

    // Never looked at: an older operator leaves at least a phase.
    private static bool IsNew(InferenceServiceStatus? status) => status is null or { Phase: null or "" };

    private static bool IsReady(InferenceServiceStatus? status) => status?.Phase == InferenceServicePhases.Ready;

    private static TimeSpan? Since(DateTime? start, DateTimeOffset now) =>
        start is not { } at ? null : now.UtcDateTime - at is var took && took > TimeSpan.Zero ? took : TimeSpan.Zero;
}
