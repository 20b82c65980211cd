using System.Text.RegularExpressions;
using k8s.Models;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>What a pod lacks that has a node and doesn't begin.</summary>
internal enum StartNeed
{
    /// <summary>A volume.</summary>
    Volume,

    /// <summary>A Secret or a ConfigMap, of which a volume is to be made.</summary>
    Input,

    /// <summary>The surroundings that the node makes before any container: its network, its runtime.</summary>
    Sandbox,
}

/// <summary>What keeps a pod that has a node from beginning, which only its Events tell.</summary>
/// <param name="Need">What it lacks.</param>
/// <param name="Words">The cluster's words, in one line, without what differs from one time to the next.</param>
/// <param name="Since">When it was first told; null: the Events don't say.</param>
internal sealed partial record StartObstacle(StartNeed Need, string Words, DateTime? Since)
{
    private const string Attach = "FailedAttachVolume";
    private const string Attached = "SuccessfulAttachVolume";
    private const string NoSandbox = "FailedCreatePodSandBox";

    // Of the kubelet.
    private static readonly string[] Mounts = ["FailedMount", "FailedMapVolume"];

    // What a pod comes to when its volumes and its sandbox are there.
    private static readonly string[] Steps = ["Pulling", "Pulled", "Created", "Started"];

    /// <summary>What the Events of a pod say; null: nothing, or it is over.</summary>
    /// <remarks>
    /// The one that knows most counts: that a volume is attached elsewhere (Multi-Attach) is said once, and that a mount timed out again and again.
    /// </remarks>
    /// <param name="events">Events of one pod.</param>
    public static StartObstacle? In(IEnumerable<Corev1Event> events)
    {
        List<Corev1Event> told = [.. events.OrderBy(At)];
        var troubles = told.Where(e => IsTrouble(e) && !told.Any(later => Ends(later, e))).ToList();
        return troubles.OrderBy(Knowledge).ThenBy(At).LastOrDefault() is { } trouble
            ? new(NeedOf(trouble), WordsOf(trouble), troubles.Min(e => e.FirstTimestamp ?? e.EventTime ?? e.Metadata?.CreationTimestamp))
            : null;
    }

    private static bool IsTrouble(Corev1Event told) => told.Reason is Attach or NoSandbox || Mounts.Contains(told.Reason);

    // Times are whole seconds, and within one of them the trouble was first.
    private static bool Ends(Corev1Event later, Corev1Event trouble)
    {
        if (At(later) < At(trouble)) return false;
        if (Steps.Contains(later.Reason)) return true;
        return NeedOf(trouble) == StartNeed.Volume && (later.Reason == NoSandbox || (later.Reason == Attached && IsOfSameVolume(later, trouble)));
    }

    private static bool IsOfSameVolume(Corev1Event attached, Corev1Event trouble) =>
        Volume().Match(trouble.Message ?? "") is not { Success: true } named || Volume().Match(attached.Message ?? "") is not { Success: true } other || named.Value == other.Value;

    private static int Knowledge(Corev1Event trouble) => trouble.Reason == Attach ? 2 : IsTimeout(trouble) ? 0 : 1;

    // Its cause is another's to say.
    private static bool IsTimeout(Corev1Event trouble) => trouble.Message?.StartsWith("Unable to attach or mount volumes", StringComparison.Ordinal) == true;

    private static StartNeed NeedOf(Corev1Event trouble) =>
        trouble.Reason == NoSandbox ? StartNeed.Sandbox : trouble.Reason != Attach && Input().IsMatch(trouble.Message ?? "") ? StartNeed.Input : StartNeed.Volume;

    private static string WordsOf(Corev1Event trouble) => LastWords.Lasting(Unattached().Replace((trouble.Message ?? "").ReplaceLineEndings(" "), "")).Trim().TrimEnd('.');

    private static DateTimeOffset At(Corev1Event told) =>
        (told.LastTimestamp ?? told.Series?.LastObservedTime ?? told.FirstTimestamp ?? told.EventTime ?? told.Metadata?.CreationTimestamp)?.Moment() ?? DateTimeOffset.MinValue;

    // With its quote: names of volumes and drivers have the words, too.
    [GeneratedRegex(@"\b(secret|configmap) ""|\bnon-existent (secret|config) key|\bfailed to sync (secret|configmap) cache", RegexOptions.IgnoreCase)]
    private static partial Regex Input();

    [GeneratedRegex(@"\bvolume ""[^""]*""")]
    private static partial Regex Volume();

    // In any order.
    [GeneratedRegex(@", (unattached|failed to process) volumes=\[[^\]]*\]")]
    private static partial Regex Unattached();
}
