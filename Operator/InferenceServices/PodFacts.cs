using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What single pods say about themselves.</summary>
internal static class PodFacts
{
    /// <summary>The condition of a pod that answers requests.</summary>
    public const string Ready = "Ready";

    /// <summary>The condition of a pod that has a node.</summary>
    public const string Scheduled = "PodScheduled";

    /// <summary>True for a pod that answers requests.</summary>
    public static bool IsServing(this V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.ConditionOf(Ready)?.Status == "True";

    /// <summary>The scheduler's words about a pod that it can't place; null for all others.</summary>
    public static string? UnschedulableBecause(this V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null
        && string.IsNullOrEmpty(pod.Spec?.NodeName)
        && pod.ConditionOf(Scheduled) is { Status: "False", Reason: "Unschedulable" } condition
            ? condition.Message ?? ""
            : null;

    /// <summary>In one word why the scheduler can't place the pod; null for all others.</summary>
    public static string? SchedulingReason(this V1Pod pod) => pod.UnschedulableBecause() switch
    {
        null => null,
        _ when pod.GpuWaitedFor() is not null => Reasons.InsufficientGPU,
        var words when SingleNode.Ties(pod.Metadata) && SingleNode.IsMeant(words) => Reasons.CacheSingleNode,
        var words when WaitObstacles.AreOfVolume(words) => Reasons.CacheVolumeUnbindable,
        var words when words.Contains("Insufficient ", StringComparison.Ordinal) => Reasons.InsufficientResources,
        _ => Reasons.Unschedulable,
    };

    /// <summary>The GPU resource that keeps the pod from being placed, with the number it asks for; null if it doesn't wait for one.</summary>
    public static (string Resource, string Count)? GpuWaitedFor(this V1Pod pod)
    {
        if (pod.UnschedulableBecause() is null) return null;
        foreach (var container in pod.Spec.Containers)
        {
            // GPUs are extended resources, and those have a domain; cpu and memory don't.
            foreach (var (resource, count) in container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>())
            {
                if (resource.Contains('/') && pod.Lacks(resource)) return (resource, count.ToString());
            }
        }

        return null;
    }

    /// <summary>True if nodes have too little of a resource for the pod, in the scheduler's words.</summary>
    public static bool Lacks(this V1Pod pod, string resource) => pod.UnschedulableBecause() is { } words && AreAbout(words, $"Insufficient {resource}");

    // "nvidia.com/gpu.shared" is not about "nvidia.com/gpu".
    private static bool AreAbout(string words, string said)
    {
        for (var at = words.IndexOf(said, StringComparison.Ordinal); at >= 0; at = words.IndexOf(said, at + 1, StringComparison.Ordinal))
        {
            var after = words.AsSpan(at + said.Length);
            if (after is [] or [',' or ' ', ..] or ['.'] or ['.', ' ', ..]) return true;
        }

        return false;
    }

    /// <summary>
    /// Since when a pod that has a node and isn't ready has been starting: since it was placed, was ready for the last time, or has its image. A server that the kubelet
    /// starts again has used its time.
    /// </summary>
    public static DateTime StartingSince(this V1Pod pod)
    {
        var server = pod.Status?.ContainerStatuses?.FirstOrDefault(c => c is { Name: DeploymentBuilder.Container, RestartCount: 0 });
        DateTime?[] moments = [pod.WaitingSince(), pod.ConditionOf(Ready)?.LastTransitionTime, server?.State?.Running?.StartedAt];
        return moments.OfType<DateTime>().Max();
    }

    /// <summary>Since when the scheduler has not been able to place the pod, or, of one that it has placed, when it did.</summary>
    public static DateTime WaitingSince(this V1Pod pod) =>
        pod.ConditionOf(Scheduled)?.LastTransitionTime ?? pod.Metadata.CreationTimestamp ?? DateTime.UnixEpoch;

    /// <summary>Which template of its Deployment the pod is of; null: of none.</summary>
    public static string? TemplateHash(this V1Pod pod) => pod.Metadata.Labels?.TryGetValue("pod-template-hash", out var hash) == true ? hash : null;

    private static V1PodCondition? ConditionOf(this V1Pod pod, string type) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
}
