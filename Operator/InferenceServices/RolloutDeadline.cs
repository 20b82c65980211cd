using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// How long a rollout may take, and whether it is late. The Deployment's controller counts from the last pod that was made or became ready: through the end of an old pod, a wait
/// for a GPU and the pull of the image. Its word is taken only if a pod has had time enough of its own.
/// </summary>
internal static class RolloutDeadline
{
    // A rollout must not be called stuck while its pods are still within their startup budget.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    // What each pod fetches for itself takes as long as its network does.
    private static readonly TimeSpan FetchMargin = TimeSpan.FromDays(1);

    /// <summary>For how long the Deployment's controller waits for progress, in seconds: for the end of an old pod and the start of its successor.</summary>
    /// <param name="spec">The service's.</param>
    /// <param name="fetches">Whether each pod fetches the weights for itself.</param>
    public static int Seconds(InferenceServiceSpec spec, bool fetches) =>
        (int)Math.Min(int.MaxValue, PodPatience(spec, fetches).TotalSeconds + Drain.Of(spec).GracePeriodSeconds);

    /// <summary>The trouble of a rollout that is late; null: it is not, or for want of a node, which is told otherwise.</summary>
    public static PodTrouble? Trouble(ServiceSnapshot seen) =>
        IsOver(seen) && !seen.Pods.Any(p => p.Metadata.DeletionTimestamp is null && string.IsNullOrEmpty(p.Spec?.NodeName)) && Left(seen).Any(left => left <= TimeSpan.Zero)
            ? new(Reasons.ProgressDeadlineExceeded, "the rollout has made no progress within the startup budget")
            : null;

    /// <summary>When a pod would be late if nothing else happens; null: never, or the Deployment's controller will tell.</summary>
    public static TimeSpan? LookAgainIn(ServiceSnapshot seen) => IsOver(seen) ? Left(seen).Where(left => left > TimeSpan.Zero).Select(left => (TimeSpan?)left).Min() : null;

    private static bool IsOver(ServiceSnapshot seen) =>
        seen.OwnDeployment?.Status?.Conditions?.Any(c => c is { Type: "Progressing", Status: "False", Reason: "ProgressDeadlineExceeded" }) == true;

    private static IEnumerable<TimeSpan> Left(ServiceSnapshot seen) => seen.Pods
        .Where(p => p is { Metadata.DeletionTimestamp: null, Spec.NodeName.Length: > 0 } && !p.IsServing())
        .Select(p => p.StartingSince().Moment() + PodPatience(seen.Service.Spec, seen.ClaimName is null) - seen.Now);

    private static TimeSpan PodPatience(InferenceServiceSpec spec, bool fetches) => ServerProbes.StartupBudget(spec) + (fetches ? FetchMargin : Margin);
}
