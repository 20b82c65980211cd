using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Pods that have a node and don't begin: why, only Events tell.</summary>
internal static class StuckPods
{
    /// <summary>For how long a pod may take to begin before its Events are asked for, and how often then.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Of the kubelet, and of the controller that attaches volumes: a volume that is attached elsewhere (Multi-Attach) among others.
    private static readonly string[] VolumeReasons = ["FailedAttachVolume", "FailedMount", "FailedMapVolume"];

    private const string NoSandbox = "FailedCreatePodSandBox";

    /// <summary>The pod whose Events are worth a look; null: none.</summary>
    public static V1Pod? Worst(IEnumerable<V1Pod> pods, DateTimeOffset now) =>
        pods.Where(IsBeingMade).Where(p => LeftOf(p, now) <= TimeSpan.Zero).OrderBy(p => p.WaitingSince()).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>When there would be something to look at if nothing else happens; null: never.</summary>
    public static TimeSpan? LookAgainIn(IEnumerable<V1Pod> pods, DateTimeOffset now) =>
        pods.Where(IsBeingMade).Select(p => LeftOf(p, now)).Select(left => (TimeSpan?)(left > TimeSpan.Zero ? left : Patience)).Min();

    /// <summary>What a pod's Events say that keeps it from beginning; null: nothing.</summary>
    public static PodTrouble? TroubleIn(IEnumerable<Corev1Event> events) => events
        .Where(e => e.Reason == NoSandbox || VolumeReasons.Contains(e.Reason))
        .OrderBy(e => e.LastTimestamp ?? e.FirstTimestamp ?? e.EventTime)
        .Select(e => (e.Reason, Words: LastWords.Lasting((e.Message ?? "").ReplaceLineEndings(" "))))
        .Select(e => e.Reason == NoSandbox ? new PodTrouble(Reasons.PodCreationFailed, $"the node can't make the pod: {e.Words}")
            : IsOfInput(e.Words) ? new PodTrouble(Reasons.PodCreationFailed, $"the pod can't begin: {e.Words}")
            : new PodTrouble(Reasons.CacheVolumeUnbindable, $"the pod gets no volume: {e.Words}"))
        .LastOrDefault();

    private static bool IsBeingMade(V1Pod pod) =>
        pod is { Metadata.DeletionTimestamp: null, Spec.NodeName.Length: > 0, Status.Phase: "Pending" }
        && (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? [])
            .All(c => c.State?.Waiting is { Reason: null or "" or "ContainerCreating" or "PodInitializing" } || c.State is null or { Waiting: null, Running: null, Terminated: null });

    private static TimeSpan LeftOf(V1Pod pod, DateTimeOffset now) => new DateTimeOffset(DateTime.SpecifyKind(pod.WaitingSince(), DateTimeKind.Utc)) + Patience - now;

    private static bool IsOfInput(string words) => words.Contains("secret", StringComparison.OrdinalIgnoreCase) || words.Contains("configmap", StringComparison.OrdinalIgnoreCase);
}
