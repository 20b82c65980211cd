using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.Entities;

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
    /// <param name="now">Stands in for a time that it lacks.</param>
    public static WaitObstacle? OfVolume(V1PodCondition unplaced, V1PersistentVolumeClaim claim, DateTimeOffset now)
    {
        if (unplaced.Message is not { Length: > 0 } words) return null;
        var (name, since) = (claim.Metadata.Name, At(unplaced.LastTransitionTime, now));
        if (!SingleNode.IsShared(claim) && SingleNode.IsMeant(words)) return new(Reasons.CacheSingleNode, $"{SingleNode.Told(name)}. The scheduler says: {Lasting(words)}", since);
        return VolumeWords.Any(w => words.Contains(w, StringComparison.OrdinalIgnoreCase))
            ? new(Reasons.CacheVolumeUnbindable, $"The fetch gets no volume for the cache claim {name}: {Lasting(words)}. Look at the claim, its storage class{Class(name)} and the nodes", since)
            : null;
    }

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

    // The class of any other claim is its maker's.
    private static string Class(string claim) => claim == CacheDefaults.ClaimName ? " (--model-cache-storage-class)" : "";

    // How many nodes there are changes, and is no other cause.
    private static string Lasting(string words) => Count().Replace(words.ReplaceLineEndings(" "), "").Trim().TrimEnd('.');

    private static DateTimeOffset At(DateTime? time, DateTimeOffset now) => time is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : now;

    [GeneratedRegex("[0-9]+/[0-9]+ nodes are available: |(?<=^|[ :])[0-9]+ (?=node|Insufficient)| preemption: .*$")]
    private static partial Regex Count();

    // Each try has another one.
    [GeneratedRegex("(llmkube-fetch-[0-9a-f]{16}(-[0-9a-f]{8}(?=-))?)-[a-z0-9]+")]
    private static partial Regex PodName();
}
