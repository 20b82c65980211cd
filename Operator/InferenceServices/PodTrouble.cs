using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Why pods don't come up.</summary>
/// <param name="Reason">A condition's reason.</param>
/// <param name="Message">Without ids, times and counters, so that it stays the same while the cause does.</param>
internal sealed partial record PodTrouble(string Reason, string Message)
{
    private static readonly HashSet<string> CreationReasons =
        ["CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError", "PostStartHookError"];

    // Of a container that was made and whose program could not be begun, which the kubelet tells as an end (with exit code 128) between its tries.
    private static readonly HashSet<string> NotBegun = ["StartError", "ContainerCannotRun"];

    /// <summary>The trouble of a service's pods and of its Deployment; null if there is none. The gravest counts.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="deployment">Their Deployment.</param>
    /// <param name="events">Events of a pod that does not begin, see <see cref="StuckPods"/>.</param>
    /// <param name="before">The message of the trouble that was told the last time; null: none was.</param>
    public static PodTrouble? Of(IEnumerable<V1Pod> pods, V1Deployment? deployment, IEnumerable<Corev1Event>? events = null, string? before = null) =>
        pods.Where(p => p.Metadata.DeletionTimestamp is null).Select(p => OfPod(p, before)).OfType<PodTrouble>().OrderBy(t => t.Rank).ThenBy(t => t.Message, StringComparer.Ordinal).FirstOrDefault()
        ?? StuckPods.TroubleIn(events ?? [])
        ?? OfDeployment(deployment);

    /// <summary>Why a container ended, in one word: a condition's reason, or Completed for one that had nothing more to do. As many as there are words here, for they become series.</summary>
    /// <param name="container">The container's name.</param>
    /// <param name="end">Its end.</param>
    public static string OfEnd(string container, V1ContainerStateTerminated end) => end switch
    {
        { Reason: "OOMKilled" } => Reasons.OOMKilled,
        { ExitCode: 0 } => "Completed",
        _ when container == FetchContainer.Name => end.ExitCode == ExitCodes.Interrupted ? Reasons.Interrupted : Reasons.DownloadFailed,
        _ => LastWords.Reason(end.Message) ?? (NotBegun.Contains(end.Reason ?? "") ? Reasons.PodCreationFailed : Reasons.CrashLooping),
    };

    private int Rank => Reason switch
    {
        Reasons.ImagePullFailed => 0,
        Reasons.OOMKilled => 1,
        Reasons.DriverIncompatible or Reasons.InsufficientGPUMemory or Reasons.ModelMissing => 2,
        Reasons.CrashLooping => 3,
        _ => 4,
    };

    private static PodTrouble? OfPod(V1Pod pod, string? before)
    {
        IEnumerable<V1ContainerStatus> statuses = [.. pod.Status?.InitContainerStatuses ?? [], .. pod.Status?.ContainerStatuses ?? []];
        return statuses.Select(s => OfContainer(s, before)).FirstOrDefault(t => t is not null);
    }

    private static PodTrouble? OfContainer(V1ContainerStatus status, string? before)
    {
        if (status.Ready) return null;
        if (PullFailure.Message(status, before) is { } unpulled) return new(Reasons.ImagePullFailed, unpulled);
        if (OfCreation(status) is { } uncreated) return uncreated;
        if (status.Name == FetchContainer.Name) return OfFetch(status);

        // Between two runs the state flaps from terminated to waiting to running; the last end is what stays true until the container is ready.
        var end = status.State?.Terminated ?? (status.RestartCount > 0 ? status.LastState?.Terminated : null);
        return end switch
        {
            null => null,
            { ExitCode: 0 } when status.Name != DeploymentBuilder.Container => null,
            { Reason: "OOMKilled" } => new(Reasons.OOMKilled, $"container {status.Name} was killed because it needed more memory than it may have"),
            { ExitCode: not 0 } when LastWords.Reason(end.Message) is { } reason => new(reason, $"{What(reason)}: {LastWords.Line(end.Message)}"),
            _ when status.RestartCount < 2 && status.State?.Waiting?.Reason != "CrashLoopBackOff" => null, // one crash is no loop: a node may have restarted
            { ExitCode: 0 } => new(Reasons.CrashLooping, $"container {status.Name} ended with exit code 0 although it is to go on serving"),
            _ => new(Reasons.CrashLooping, $"container {status.Name} ended with exit code {end.ExitCode}{(LastWords.Line(end.Message) is { } line ? $": {line}" : "")}"),
        };
    }

    // The same words while it is tried and between the tries.
    private static PodTrouble? OfCreation(V1ContainerStatus status)
    {
        var waiting = status.State?.Waiting;
        var end = status.State?.Terminated ?? (waiting?.Reason is "RunContainerError" or "CrashLoopBackOff" ? status.LastState?.Terminated : null);
        var notBegun = NotBegun.Contains(end?.Reason ?? "") ? end : null;
        if (notBegun is null && !CreationReasons.Contains(waiting?.Reason ?? "")) return null;
        var words = notBegun is null ? waiting!.Message : notBegun.Message;
        return new(LastWords.Reason(words) ?? Reasons.PodCreationFailed, $"container {status.Name} can't be created: {LastWords.Line(words) ?? notBegun?.Reason ?? waiting!.Reason}");
    }

    private static string What(string reason) => reason switch
    {
        Reasons.DriverIncompatible => "the node's GPU driver does not go with the server's image",
        Reasons.InsufficientGPUMemory => "the GPUs have too little free memory for the model",
        _ => "the model's file is not on the volume any more",
    };

    // A fetch of the pod's own is run again by the node, and says more than that.
    private static PodTrouble? OfFetch(V1ContainerStatus status)
    {
        var end = status.State?.Terminated ?? status.LastState?.Terminated;
        if (end is null or { ExitCode: 0 or ExitCodes.Interrupted }) return null;
        if (TerminationMessage.TryParse(end.Message) is { Complete: false, Message.Length: > 0 } report)
        {
            return new(report.Reason is { Length: > 0 } reason ? reason : Reasons.DownloadFailed, ModelStatuses.MessageOf(report));
        }

        return end.Reason == "OOMKilled"
            ? new(Reasons.OOMKilled, $"container {status.Name} was killed because it needed more memory than it may have")
            : new(Reasons.DownloadFailed, $"the fetch ended with exit code {end.ExitCode}{(LastWords.Line(end.Message) is { } line ? $": {line}" : "")}");
    }

    private static PodTrouble? OfDeployment(V1Deployment? deployment) =>
        deployment?.Status?.Conditions?.FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" }) is { } refused
            ? new(Reasons.PodCreationFailed, $"pods can't be created: {(LastWords.Line(refused.Message) is { } line ? PodName().Replace(line, "pods") : refused.Reason)}")
            : null;

    // The name that the ReplicaSet has just made up: each try has another.
    [GeneratedRegex(@"^pods ""[^""]*""")]
    private static partial Regex PodName();
}
