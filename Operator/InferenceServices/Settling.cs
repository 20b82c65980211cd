using k8s.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Says when the Deployment's own controller is about to count pods that have just become ready. What is reported a moment before has to be reported again.
/// </summary>
internal static class Settling
{
    // API times are whole seconds, so that up to one of them may be over already.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait for the Deployment's status before reporting; null: report now.</summary>
    public static TimeSpan? Wait(ServiceSnapshot seen)
    {
        if (seen.OwnDeployment is not { Status: { } status } deployment) return null;

        // A rollout that no status has told of would end as if there had been none.
        if (seen.Service.Status?.RolloutRevision is not { } told || told != ServiceStatusBuilder.RevisionOf(deployment)) return null;
        List<V1Pod> serving = [.. seen.Pods.Where(p => p.IsServing())];
        if (serving.Count <= (status.ReadyReplicas ?? 0) || serving.Count < ReplicaOwnership.Wanted(seen.Service, deployment)) return null;
        if (serving.Max(p => p.Status.Conditions.FirstOrDefault(c => c.Type == "Ready")?.LastTransitionTime) is not { } since) return null;
        var left = since.Moment() + Patience - seen.Now;

        // More than that is a clock that goes wrong.
        return left > TimeSpan.Zero && left <= Patience ? left : null;
    }
}
