using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Reads what keeps a fetch from beginning in the words of those who say so.</summary>
internal static partial class WaitObstacles
{
    /// <summary>The reason of the Events in which the Job controller says that it can't make a pod.</summary>
    public const string FailedCreate = "FailedCreate";

    // Of the scheduler, about claims and their volumes.
    private static readonly string[] VolumeWords = ["persistentvolume", "persistent volume", "volume node affinity", "volume zone"];

    /// <summary>What the scheduler says, if it is about the cache's volume.</summary>
    /// <param name="unplaced">A condition PodScheduled that is False.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="isTied">Whether the claim ties its pods to one node.</param>
    /// <param name="now">Stands in for a time that it lacks.</param>
    public static WaitObstacle? OfVolume(V1PodCondition unplaced, V1PersistentVolumeClaim claim, bool isTied, DateTimeOffset now)
    {
        if (unplaced.Message is not { Length: > 0 } words) return null;
        var (name, since) = (claim.Metadata.Name, At(unplaced.LastTransitionTime, now));
        if (isTied && SingleNode.IsMeant(words)) return new(Reasons.CacheSingleNode, $"{SingleNode.Told(name)}. The scheduler says: {Lasting(words)}", since);
        return AreOfVolume(words)
            ? new(Reasons.CacheVolumeUnbindable, $"The fetch gets no volume for the cache claim {name}: {Lasting(words)}. Look at the claim, its storage class{Class(name)} and the nodes", since)
            : null;
    }

    /// <summary>True for words of the scheduler that are about claims or their volumes.</summary>
    public static bool AreOfVolume(string words) => VolumeWords.Any(w => words.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>What the Job controller says when it can't make a pod.</summary>
    /// <param name="events">Events of the Job.</param>
    /// <param name="now">Stands in for a time that they lack.</param>
    public static WaitObstacle? OfPods(IEnumerable<Corev1Event> events, DateTimeOffset now)
    {
        var refusals = events.Where(e => e.Reason == FailedCreate).OrderBy(e => e.LastTimestamp ?? e.FirstTimestamp).ToList();
        return refusals is []
            ? null
            : new(Reasons.PodCreationFailed, $"The cluster refuses the fetch's pod: {PodName().Replace(refusals[^1].Message ?? "", "$1")}", At(refusals[0].FirstTimestamp ?? refusals[0].EventTime ?? refusals[0].Metadata.CreationTimestamp, now));
    }

    /// <summary>What is said of a pod that has a node and doesn't begin.</summary>
    /// <param name="events">Events of the pod.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="now">Stands in for a time that they lack.</param>
    public static WaitObstacle? OfStart(IEnumerable<Corev1Event> events, V1PersistentVolumeClaim claim, DateTimeOffset now) => StartObstacle.In(events) switch
    {
        null => null,
        { Need: StartNeed.Volume } obstacle =>
            new(Reasons.CacheVolumeUnbindable, $"The fetch gets no volume for the cache claim {claim.Metadata.Name}: {obstacle.Words}", At(obstacle.Since, now)),
        var obstacle => new(Reasons.PodCreationFailed, $"The fetch's pod can't begin: {obstacle.Words}", At(obstacle.Since, now)),
    };

    // The class of any other claim is its maker's.
    private static string Class(string claim) => claim == CacheDefaults.ClaimName ? " (--model-cache-storage-class)" : "";

    // How many nodes there are changes, and is no other cause.
    private static string Lasting(string words) => Count().Replace(words.ReplaceLineEndings(" "), "").Trim().TrimEnd('.');

    private static DateTimeOffset At(DateTime? time, DateTimeOffset now) => time?.Moment() ?? now;

    [GeneratedRegex("[0-9]+/[0-9]+ nodes are available: |(?<=^|[ :])[0-9]+ (?=node|Insufficient)| preemption: .*$")]
    private static partial Regex Count();

    // Each try has another one.
    [GeneratedRegex("(llmkube-fetch-[0-9a-f]{16}(-[0-9a-f]{8}(?=-))?)-[a-z0-9]+")]
    private static partial Regex PodName();
}
