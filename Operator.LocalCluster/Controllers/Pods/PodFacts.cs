using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Pods;

/// <summary>What a pod's phase and conditions mean to those who count pods.</summary>
internal static class PodFacts
{
    public static bool IsTerminal(this V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static V1PodCondition? Condition(this V1Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    public static bool IsReady(this V1Pod pod) => pod.Condition("Ready")?.Status == "True";

    /// <returns>Zero when the pod has been ready long enough, the time that is missing, or null when it is not ready.</returns>
    public static TimeSpan? UntilAvailable(this V1Pod pod, int minReadySeconds, DateTime now)
    {
        if (pod.Condition("Ready") is not { Status: "True" } ready) return null;
        if (minReadySeconds <= 0) return TimeSpan.Zero;
        if (ready.LastTransitionTime is not { } since) return null;
        var missing = since.AddSeconds(minReadySeconds) - now;
        return missing > TimeSpan.Zero ? missing : TimeSpan.Zero;
    }
}
