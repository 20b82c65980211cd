using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Pods that have a node and don't begin: why, only Events tell.</summary>
internal static class StuckPods
{
    /// <summary>For how long a pod may take to begin before its Events are asked for, and how often then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The pod whose Events are worth a look; null: none.</summary>
    public static V1Pod? Worst(IEnumerable<V1Pod> pods, DateTimeOffset now) =>
        pods.Where(IsBeingMade).Where(p => LeftOf(p, now) <= TimeSpan.Zero).OrderBy(p => p.WaitingSince()).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>When there would be something to look at if nothing else happens; null: never.</summary>
    public static TimeSpan? LookAgainIn(IEnumerable<V1Pod> pods, DateTimeOffset now) =>
        pods.Where(IsBeingMade).Select(p => LeftOf(p, now)).Select(left => (TimeSpan?)(left > TimeSpan.Zero ? left : Patience)).Min();

    /// <summary>What a pod's Events say that keeps it from beginning; null: nothing.</summary>
    public static PodTrouble? TroubleIn(IEnumerable<Corev1Event> events) => StartObstacle.In(events) switch
    {
        null => null,
        { Need: StartNeed.Sandbox } obstacle => new(Reasons.PodCreationFailed, $"the node can't make the pod: {obstacle.Words}"),
        { Need: StartNeed.Input } obstacle => new(Reasons.PodCreationFailed, $"the pod can't begin: {obstacle.Words}"),
        var obstacle => new(Reasons.CacheVolumeUnbindable, $"the pod gets no volume: {obstacle.Words}"),
    };

    private static bool IsBeingMade(V1Pod pod) =>
        pod is { Metadata.DeletionTimestamp: null, Spec.NodeName.Length: > 0, Status.Phase: "Pending" }
        && (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? [])
            .All(c => c.State?.Waiting is { Reason: null or "" or "ContainerCreating" or "PodInitializing" } || c.State is null or { Waiting: null, Running: null, Terminated: null });

    private static TimeSpan LeftOf(V1Pod pod, DateTimeOffset now) => pod.WaitingSince().Moment() + Patience - now;
}
