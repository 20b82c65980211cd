using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>Reads a fetch Job and its pods.</summary>
internal static partial class FetchStates
{
    // A kubelet that can't pull goes back and forth between these, each with words of its own.
    private static readonly HashSet<string> PullReasons = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"];

    /// <summary>What the Job has come to.</summary>
    /// <param name="job">The Job; null: there is none.</param>
    /// <param name="claim">The cache claim as it is now; null: there is none.</param>
    /// <param name="pods">The Job's pods.</param>
    /// <param name="events">Events of a Job without pods, or of a pod that does not begin.</param>
    /// <param name="now">Stands in for a time that the Job lacks.</param>
    public static FetchState Of(V1Job? job, V1PersistentVolumeClaim? claim, IReadOnlyList<V1Pod> pods, IReadOnlyList<Corev1Event> events, DateTimeOffset now)
    {
        if (job is null) return new FetchState.None();
        if (!FetchJobBuilder.IsOurs(job)) return new FetchState.Foreign();
        if (job.Metadata.DeletionTimestamp is not null) return new FetchState.Going();
        if (!FetchJobBuilder.IsFor(job, claim)) return new FetchState.Elsewhere();
        var state = OfOurs(job, claim!, pods, events, now);
        return FetchJobBuilder.IsRemoval(job) ? new FetchState.Removing(state) : state;
    }

    private static FetchState OfOurs(V1Job job, V1PersistentVolumeClaim claim, IReadOnlyList<V1Pod> pods, IReadOnlyList<Corev1Event> events, DateTimeOffset now)
    {
        var pod = NewestOf(pods);
        if (Condition(job, "Complete") is { } complete) return Completed(pods, At(job.Status.CompletionTime ?? complete.LastTransitionTime, now));
        if (Condition(job, "Failed") is { } failed) return new FetchState.Failed(FailureOf(pod, failed), At(failed.LastTransitionTime, now));
        return pod is not null && IsRunning(pod) ? new FetchState.Running() : Waiting(job, pod, claim, events, now);
    }

    /// <summary>The newest of a fetch's pods; null if there is none.</summary>
    public static V1Pod? NewestOf(IEnumerable<V1Pod> pods) => pods.OrderBy(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal).LastOrDefault();

    /// <summary>When the fetch's program began in a pod; null if it has not.</summary>
    public static DateTime? StartOf(V1Pod pod) => ContainerOf(pod)?.State switch
    {
        { Running.StartedAt: { } at } => at,
        { Terminated.StartedAt: { } at } => at,
        _ => null,
    };

    private static FetchState Completed(IReadOnlyList<V1Pod> pods, DateTimeOffset at)
    {
        var report = pods.Select(p => TerminationMessage.TryParse(Terminated(p)?.Message))
            .FirstOrDefault(r => r is { Complete: true, Sha256.Length: > 0, Bytes: not null });
        return report is null ? new FetchState.ResultMissing(at) : new FetchState.Succeeded(report);
    }

    private static FetchReport FailureOf(V1Pod? pod, V1JobCondition failed)
    {
        var end = pod is null ? null : Terminated(pod);
        if (TerminationMessage.TryParse(end?.Message) is { Complete: false, Message.Length: > 0 } report) return report;
        var words = end is { ExitCode: not 0 }
            ? $"the fetch ended with exit code {end.ExitCode}{InBrackets(end.Reason)}{AfterColon(end.Message)}"
            : pod?.Status?.Message is { Length: > 0 } evicted ? $"the fetch's pod ended{InBrackets(pod.Status.Reason)}: {OneLine(evicted)}"
            : $"the fetch's Job failed{InBrackets(failed.Reason)}{AfterColon(failed.Message)}";
        return new FetchReport { Complete = false, Message = words };
    }

    // The same for as long as the cause is, or it would be written over and over.
    private static FetchState.Waiting Waiting(V1Job job, V1Pod? pod, V1PersistentVolumeClaim claim, IReadOnlyList<Corev1Event> events, DateTimeOffset now)
    {
        if (pod is null) return new("", WaitObstacles.OfPods(events, now));
        var unplaced = pod.Status?.Conditions?.FirstOrDefault(c => c is { Type: PodFacts.Scheduled, Status: "False" });
        if (unplaced?.Message is { Length: > 0 } words) return new(OneLine(words), WaitObstacles.OfVolume(unplaced, claim, SingleNode.Ties(job.Spec.Template.Metadata), now));
        return WhyWaiting(pod) is { Length: > 0 } why ? new(why) : new("", WaitObstacles.OfStart(events, claim, now));
    }

    /// <summary>True for a pod that has a node and whose container has yet to be made.</summary>
    public static bool IsBeingMade(V1Pod pod) => pod.Spec?.NodeName is { Length: > 0 } && !IsRunning(pod) && WhyWaiting(pod).Length == 0;

    private static string WhyWaiting(V1Pod pod)
    {
        var container = ContainerOf(pod);
        return container?.State?.Waiting switch
        {
            null or { Reason: null or "" or "ContainerCreating" or "PodInitializing" } => "",
            { Reason: var reason } when PullReasons.Contains(reason) => $"the image \"{container.Image}\" can't be pulled",
            var waiting => $"{waiting.Reason}{AfterColon(Id().Replace(waiting.Message ?? "", "..."))}",
        };
    }

    private static bool IsRunning(V1Pod pod) => ContainerOf(pod)?.State is { Running: not null } or { Terminated: not null };

    private static V1ContainerStateTerminated? Terminated(V1Pod pod) => ContainerOf(pod)?.State?.Terminated;

    private static V1ContainerStatus? ContainerOf(V1Pod pod) => pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == FetchJobBuilder.Container);

    private static V1JobCondition? Condition(V1Job job, string type) => job.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == "True");

    private static DateTimeOffset At(DateTime? time, DateTimeOffset now) => time?.Moment() ?? now;

    private static string InBrackets(string? reason) => reason is { Length: > 0 } and not "Error" ? $" ({reason})" : "";

    private static string AfterColon(string? message) => message is { Length: > 0 } ? $": {OneLine(message)}" : "";

    // Of a crash's many lines the last ones say most.
    private static string OneLine(string text)
    {
        const int Longest = 500;
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= Longest ? line : "..." + line[^Longest..];
    }

    // Containers and sandboxes are new at each try.
    [GeneratedRegex("[0-9a-f]{32,}")]
    private static partial Regex Id();
}
