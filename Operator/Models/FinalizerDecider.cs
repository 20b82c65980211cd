using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>
/// What has to be done before a Model may go: a pure function of what was observed. All that it goes by is in the cluster, so each step may be
/// done again.
/// </summary>
internal static class FinalizerDecider
{
    private const string LeaveIt = "; with spec.deletionPolicy Retain the file is left where it is";

    // Pods, Jobs and Models tell of themselves; this makes up for what got lost.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(15);

    private const int MostNamed = 10;

    /// <summary>Decides.</summary>
    /// <param name="snapshot">A snapshot of a Model that is being deleted.</param>
    /// <returns>A decision that looks again if the Model may not go yet.</returns>
    public static Decision<ModelStatus> Decide(ModelSnapshot snapshot)
    {
        var seen = snapshot.At(snapshot.ClaimName ?? CacheDefaults.ClaimName) with { Model = snapshot.Model };
        var decision = Release(seen);
        return decision with { Actions = [.. Stopped(seen), .. decision.Actions], Announcements = ModelAnnouncements.Between(seen.Model.Status, decision.Status) };
    }

    /// <summary>The decision after the cluster refused the removal.</summary>
    public static Decision<ModelStatus> Refused(ModelSnapshot seen, ActionFailure refusal)
    {
        var target = refusal.Action.Target;
        var status = new ModelStatuses(seen, isLocal: false).RemovalFailed(Reasons.Failed, $"The cluster refused {target.Kind} {target.Name}: {refusal.Message}{LeaveIt}");
        return new() { Status = status, Announcements = ModelAnnouncements.Between(seen.Model.Status, status) };
    }

    private static Decision<ModelStatus> Release(ModelSnapshot seen)
    {
        var statuses = new ModelStatuses(seen, isLocal: false);
        var own = ServiceNames.Child(seen.Model.Metadata.Name);
        if (UsersAmong(seen, seen.Servers.Where(p => ModelOf(p) == own && MayServe(seen, p))) is { } users) return Hold(statuses.InUse(users));
        return SourceToRemove(seen) is { } source ? Remove(seen, source, statuses) : Done(seen);
    }

    private static Decision<ModelStatus> Remove(ModelSnapshot seen, SourceAddress source, ModelStatuses statuses)
    {
        // They are of other Models: of some that are being deleted as well, or have got another source and still serve the old one's file.
        if (UsersAmong(seen, seen.Servers.Where(p => MayServeFromClaim(seen, p))) is { } users) return Hold(statuses.InUse(users));
        return seen.Fetch switch
        {
            FetchState.None => Hold(statuses.Removing("Waiting for the removal to start"), new DesiredAction.Create(FetchJobBuilder.BuildRemoval(seen, source))),
            FetchState.Foreign => Hold(statuses.RemovalFailed(Reasons.NameConflict, $"The Job {seen.Job!.Metadata.Name} is not this operator's: delete or rename it{LeaveIt}")),
            FetchState.Removing(FetchState.Succeeded or FetchState.ResultMissing) => Done(seen, Delete(seen.Job!, "the file is removed")),
            FetchState.Removing(FetchState.Failed failed) => TryAgain(seen, failed, statuses),
            FetchState.Removing(FetchState.Waiting) when FetchJobBuilder.IsOutdated(seen.Job!, FetchJobBuilder.BuildRemoval(seen, source)) =>
                Hold(statuses.Removing("Waiting for the removal to start"), Delete(seen.Job!, "it would be made otherwise today")),
            FetchState.Removing(FetchState.Waiting { Obstacle: { } obstacle }) => Hold(statuses.Removing($"Waiting for the removal to start: {obstacle.Message}{LeaveIt}")),
            FetchState.Removing(FetchState.Waiting { Why: { Length: > 0 } why }) => Hold(statuses.Removing($"Waiting for the removal to start: {why}{LeaveIt}")),
            FetchState.Removing(FetchState.Waiting) => Hold(statuses.Removing("Waiting for the removal to start")),
            FetchState.Removing => Hold(statuses.Removing("The file is being removed")),
            FetchState.Elsewhere when FetchJobBuilder.IsRemoval(seen.Job!) => Hold(statuses.Removing("Waiting for the removal to start"), Delete(seen.Job!, "its cache claim is not the one that is there now")),
            _ => Hold(statuses.Removing("Waiting for the fetch to end")),
        };
    }

    private static Decision<ModelStatus> TryAgain(ModelSnapshot seen, FetchState.Failed failed, ModelStatuses statuses)
    {
        var since = seen.Model.Status?.Conditions.Find(ConditionTypes.Degraded) is { Status: "True", LastTransitionTime: { } time } ? time.Moment() : (DateTimeOffset?)null;
        var next = RetryDelay.NextRun(failed, since, seen.Model.Metadata.Uid);
        var status = statuses.RemovalFailed(failed.Report.Reason is { Length: > 0 } reason ? reason : Reasons.Failed, $"The removal failed: {ModelStatuses.MessageOf(failed.Report)}{LeaveIt}");
        return seen.Now < next ? Hold(status) with { LookAgainIn = next - seen.Now } : Hold(status, Delete(seen.Job!, "it is time to try again"));
    }

    // Another Model of the source has its file from the same place. Without a volume there is no file, and what lies in a claim of the user's is the user's.
    private static SourceAddress? SourceToRemove(ModelSnapshot seen) =>
        seen.Model.Spec.DeletionPolicy == DeletionPolicies.Delete
        && seen.Siblings.Count == 0
        && seen.ClaimName == CacheDefaults.ClaimName
        && seen.Claim is { Metadata.DeletionTimestamp: null, Status.Phase: "Bound" }
        && SourceAddress.TryParse(seen.Model.Spec.Source, out var source, out _)
        && source is not SourceAddress.Claim
        && SourceFiles.Problem(source, [.. seen.Model.Spec.Files ?? []], "", "") is null
            ? source
            : null;

    // A fetch for nobody; a removal of what somebody wants, or that has nothing to do any more.
    private static IEnumerable<DesiredAction> Stopped(ModelSnapshot seen)
    {
        var stopped = seen.Job is { Metadata.DeletionTimestamp: null } job && FetchJobBuilder.IsOurs(job)
            && (FetchJobBuilder.IsRemoval(job) ? SourceToRemove(seen) is null : seen.Siblings.Count == 0);
        return seen.Strays.Concat(stopped ? [seen.Job!] : []).Select(j => Delete(j, "its last Model is being deleted"));
    }

    private static string? UsersAmong(ModelSnapshot seen, IEnumerable<V1Pod> pods)
    {
        string[] users =
        [
            .. pods.GroupBy(p => ServiceNames.OfPod(p) ?? p.Metadata.Name)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => $"InferenceService {g.Key} ({g.Count()} {(g.Count() == 1 ? "pod" : "pods")})"),
        ];
        return users.Length == 0 ? null : string.Join(", ", users.Take(MostNamed)) + (users.Length > MostNamed ? $" and {users.Length - MostNamed} more" : "");
    }

    // A pod says what it serves, which its Model may have had to give up for another source. Of one that does not it is the Model's file.
    private static bool MayServe(ModelSnapshot seen, V1Pod pod) => seen.IsInPlace || ServedFile.Of(pod)?.IsOf(seen.Key) != false;

    private static bool MayServeFromClaim(ModelSnapshot seen, V1Pod pod) =>
        ServedFile.Of(pod) is not { } file || (file.Claim == seen.ClaimName && file.IsOf(seen.Key));

    private static string? ModelOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(Labels.Model, out var name) == true ? name : null;

    private static Decision<ModelStatus> Hold(ModelStatus status, params DesiredAction[] actions) => new() { Status = status, Actions = actions, LookAgainIn = Recheck };

    private static Decision<ModelStatus> Done(ModelSnapshot seen, params DesiredAction[] actions) => new() { Status = seen.Model.Status ?? new(), Actions = actions };

    private static DesiredAction.Delete Delete(V1Job job, string because) => new(ObjectRef.Of(job), DeletePropagation.Background, because);
}
