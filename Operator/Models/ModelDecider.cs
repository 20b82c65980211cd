using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>What to do about a Model: a pure function of what was observed.</summary>
internal static class ModelDecider
{
    private const string Starting = "Waiting for the fetch to start";
    private const string Queueing = "Waiting for one of the running fetches to end";
    private const string CleaningUp = "Waiting for the last fetch to be cleaned up";

    // Events of a pod can come after those of its Job.
    private static readonly TimeSpan PatienceForResult = TimeSpan.FromSeconds(10);

    // Ten seconds between two writes that tell nothing else; the time of the last one has lost up to one.
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(11);

    // Siblings take a result by themselves; this only bounds how long a stale view of one of them keeps the Job.
    private static readonly TimeSpan SiblingRecheck = TimeSpan.FromSeconds(5);

    // Ends of fetches tell who waits for one; this makes up for what got lost. Who has waited so long is told for what.
    private static readonly TimeSpan SlotRecheck = TimeSpan.FromSeconds(30);

    // Nothing tells of foreign objects.
    private static readonly TimeSpan ForeignRecheck = TimeSpan.FromMinutes(1);

    /// <summary>Stands for the word of a run that ended well and left none. The next run finds the artefact's marker if there is one; if it leaves no result either, the image is not ours.</summary>
    public static readonly FetchReport Lost = new()
    {
        Complete = false,
        Reason = Reasons.DownloadFailed,
        Message = "the fetch ended and left no result: its pod was removed, or its image is not the operator's",
    };

    /// <summary>Decides: of each claim that the file is wanted in as if there were no other. The status speaks of the first, and of each in <c>caches</c>.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="refusals">What the cluster has refused of this already. It is told of the claim that it was done for, for which nothing else is done.</param>
    public static Decision<ModelStatus> Decide(ModelSnapshot seen, params IReadOnlyList<ActionFailure> refusals)
    {
        var (source, problem) = ModelSpecValidator.Validate(seen.Model.Spec, seen.Options);
        IReadOnlyList<ModelSnapshot> places = source is null || seen.ClaimName is null ? [seen] : seen.Claims;
        List<(ModelSnapshot Place, Decision<ModelStatus> Decision)> all = [.. places.Select(p => (p, DecideOne(p, source, problem, refusals.FirstOrDefault(r => PlaceOf(r) == p))))];
        var first = all[0].Decision;
        var isTold = source is not null and not SourceAddress.Claim && (all.Count > 1 || seen.ClaimName is not (null or CacheDefaults.ClaimName));
        return first with
        {
            Status = isTold ? first.Status with { Caches = [.. all.Select(a => CacheStatuses.Entry(a.Place.ClaimName!, a.Decision.Status))] } : first.Status,
            Actions =
            [
                .. seen.Strays.Select(j => Delete(j, "its source is wanted no more")).Where(d => refusals.All(r => r.Action.Target != d.Target)),
                .. all.SelectMany(a => a.Decision.Actions),
            ],
            LookAgainIn = all.Min(a => a.Decision.LookAgainIn),
            Announcements = [.. all.SelectMany(a => ModelAnnouncements.Between(a.Place.Model.Status, a.Decision.Status, a.Place.IsFurther ? a.Place.ClaimName : null))],
        };

        // What is for none of them, as a Job of an earlier source is, is told of the first.
        ModelSnapshot PlaceOf(ActionFailure refusal) => places.FirstOrDefault(p => p.IsAbout(refusal.Action.Target)) ?? places[0];
    }

    private static Decision<ModelStatus> DecideOne(ModelSnapshot seen, SourceAddress? source, SpecProblem? problem, ActionFailure? refusal)
    {
        var statuses = new ModelStatuses(seen, source is { IsMounted: true });
        if (source is null) return Report(statuses.Refused(problem!));
        if (refusal is { Action.Target: var target }) return Report(statuses.Blocked($"The cluster refused {target.Kind} {target.Name}: {refusal.Message}"));
        return seen.ClaimName is null ? Report(statuses.FetchedByPods()) : Fetch(seen, source, statuses);
    }

    private static Decision<ModelStatus> Fetch(ModelSnapshot seen, SourceAddress source, ModelStatuses statuses) => seen.Claim switch
    {
        // If somebody else has just made it, it can be one that we don't hear of.
        null when seen.ClaimName == CacheDefaults.ClaimName && !seen.IsInPlace => Report(statuses.Pending("Waiting for the cache claim")) with { Actions = [CreateClaim(seen)], LookAgainIn = ForeignRecheck },
        null => Report(statuses.WithoutClaim()) with { LookAgainIn = ForeignRecheck },
        { Metadata.DeletionTimestamp: not null } => Report(statuses.Pending($"The cache claim {seen.ClaimName} is being deleted")),
        // One that the user or the Go operator made: used as it is.
        { } claim when !claim.Metadata.IsManaged() => Follow(seen, source, statuses).After(Management.Begin(claim)),
        _ => Follow(seen, source, statuses),
    };

    private static Decision<ModelStatus> Follow(ModelSnapshot seen, SourceAddress source, ModelStatuses statuses)
    {
        var (held, fetch) = (seen.IsHeld, seen.Fetch);
        var decision = fetch switch
        {
            // Whatever is told of the file: it may be half gone by now.
            FetchState.Removing => Report(statuses.Pending(CleaningUp)).After(Delete(seen.Job!, "the file that it removes is wanted again")),
            FetchState.Succeeded(var report) => Serve(seen, statuses.Fetched(report)),
            FetchState.Failed failed when !held => Fail(seen, source, failed, statuses),
            FetchState.ResultMissing(var at) when !held => AwaitResult(seen, source, at, statuses),
            FetchState.None or FetchState.Foreign or FetchState.Going when held => Report(statuses.Held()),
            FetchState.None => Begin(seen, source, statuses),
            FetchState.Foreign => Report(statuses.NameTaken(seen.Job!.Metadata.Name)) with { LookAgainIn = ForeignRecheck },
            FetchState.Going => Report(statuses.Pending(CleaningUp)),
            FetchState.Elsewhere => Report(held ? statuses.Held() : statuses.Pending(CleaningUp))
                .After(Delete(seen.Job!, "its cache claim is not the one that is there now")),
            FetchState.Failed or FetchState.ResultMissing => Report(statuses.Held()).After(Delete(seen.Job!, "it is not needed")),
            FetchState.Waiting waiting => Wait(seen, source, waiting, held, statuses),
            FetchState.Running when held => Report(statuses.Held()) with { Actions = Own(seen) },
            FetchState.Running => Run(seen, statuses),
            var other => throw new UnreachableException($"No arm for {other.GetType().Name}."),
        };

        // What is there and is looked at once more for its size alone stays what it is, until the look is over.
        var isLookedAt = !held && seen.IsThere && fetch is not (FetchState.Removing or FetchState.Succeeded or FetchState.Failed or FetchState.ResultMissing);
        return isLookedAt && decision.Status.Sha256 is null ? decision with { Status = statuses.Held() } : decision;
    }

    private static Decision<ModelStatus> Begin(ModelSnapshot seen, SourceAddress source, ModelStatuses statuses)
    {
        if (statuses.Trouble is { } trouble && IsFinal(trouble, source) && IsOfNow(seen, trouble) && seen.Model.Status?.Phase == ModelPhases.Failed)
        {
            return Report(statuses.Failed(new FetchReport { Complete = false, Reason = trouble.Reason, Message = trouble.Message }));
        }

        if (seen.ProvedFor is { } sibling) return Report(statuses.Shared(sibling.Status));
        return seen.MayFetch ? Report(statuses.Pending(Starting)).After(new DesiredAction.Create(FetchJobBuilder.Build(seen, source))) : Queue(seen, statuses);
    }

    // Most wait for a moment, which is not worth a write.
    private static Decision<ModelStatus> Queue(ModelSnapshot seen, ModelStatuses statuses)
    {
        var status = statuses.Pending(Starting);
        var hasWaited = seen.Now.UtcDateTime - status.Conditions.Find(ConditionTypes.Progressing)!.LastTransitionTime >= SlotRecheck;
        return Report(hasWaited ? statuses.Pending(Queueing) : status) with { LookAgainIn = SlotRecheck };
    }

    private static Decision<ModelStatus> Wait(ModelSnapshot seen, SourceAddress source, FetchState.Waiting waiting, bool held, ModelStatuses statuses)
    {
        if (held) return Report(statuses.Held());
        var decision = Report(statuses.Pending(waiting.Why.Length > 0 ? $"{Starting}: {waiting.Why}" : Starting));
        if (waiting.Obstacle is { } obstacle)
        {
            var left = obstacle.Since + WaitObstacle.Patience - seen.Now;
            decision = left > TimeSpan.Zero ? decision with { LookAgainIn = left } : Report(statuses.Kept(decision.Status, obstacle));
        }

        // A Job can't be changed; one that has not begun costs nothing to replace.
        if (FetchJobBuilder.IsOutdated(seen.Job!, FetchJobBuilder.Build(seen, source)))
        {
            return decision.After(Delete(seen.Job!, "its image or placement is not what it would be today, and it has not begun"));
        }

        // Nobody tells of a pod that can't be made, or does not begin.
        return decision with { Actions = Own(seen), LookAgainIn = decision.LookAgainIn ?? (FetchStates.NewestOf(seen.Pods) is { } pod && !FetchStates.IsBeingMade(pod) ? null : ModelView.PatienceForPods) };
    }

    // How far it is can wait; so a fetch that is quick costs no write more.
    private static Decision<ModelStatus> Run(ModelSnapshot seen, ModelStatuses statuses)
    {
        var status = statuses.Fetching();
        var decision = Report(status) with { Actions = Own(seen) };
        if (seen.Model.Status?.LastUpdated is not { } written) return decision;
        var left = written.Moment() + ProgressInterval - seen.Now;
        var quiet = statuses.WithProgressOfBefore(status);
        var canWait = left > TimeSpan.Zero && StatusWriter.Same(seen.Model.Status, quiet) && !StatusWriter.Same(status, quiet);
        return canWait ? decision with { Status = quiet, LookAgainIn = left } : decision;
    }

    private static Decision<ModelStatus> Serve(ModelSnapshot seen, ModelStatus status) => Finish(
        seen, status, "its result is in the status of all Models", taken: s => ModelStatuses.Holds(s, seen.Key, seen.Claim) && s.Status.Sha256 == status.Sha256);

    private static Decision<ModelStatus> Fail(ModelSnapshot seen, SourceAddress source, FetchState.Failed failed, ModelStatuses statuses)
    {
        var message = ModelStatuses.MessageOf(failed.Report);
        if (ModelStatuses.IsFinal(failed.Report))
        {
            if (failed.Report.Reason == Reasons.ChecksumMismatch && !FetchJobBuilder.Accepts(seen.Job!, seen.Model.Spec.Sha256))
            {
                return Report(statuses.Pending(CleaningUp)).After(Delete(seen.Job!, "it was told to take only what this Model does not ask for"));
            }

            // Told for an earlier generation already: the user has changed the spec, so it is tried again. Until the Job is gone the status
            // stays as it is, from which it is seen that the failure is an old one.
            return statuses.Trouble is { } old && old.Message == message && !IsOfNow(seen, old)
                ? Report(seen.Model.Status).After(Delete(seen.Job!, "the spec has changed"))
                : Finish(seen, statuses.Failed(failed.Report), "its failure is in the status of all Models", Told);
        }

        // Nobody waits for what may have been mended. As above, the status stays until the Job is gone.
        if (statuses.Trouble is not null && IsOfEarlierSpec(seen, source)) return Report(seen.Model.Status).After(Delete(seen.Job!, "the spec has changed"));
        var since = statuses.Trouble?.LastTransitionTime is { } time ? time.Moment() : (DateTimeOffset?)null;
        var next = RetryDelay.NextRun(failed, since, seen.Model.Metadata.Uid);
        var status = statuses.Retrying(failed.Report);
        return seen.Now < next ? Report(status) with { LookAgainIn = next - seen.Now } : Finish(seen, status, "it is time to try again", Told);

        bool Told(Model sibling) => sibling.Status?.Conditions.Find(ConditionTypes.Degraded) is { Status: "True" } told && told.Message == message;
    }

    private static Decision<ModelStatus> AwaitResult(ModelSnapshot seen, SourceAddress source, DateTimeOffset at, ModelStatuses statuses)
    {
        var left = at + PatienceForResult - seen.Now;
        return left > TimeSpan.Zero ? Report(statuses.Fetching()) with { LookAgainIn = left } : Fail(seen, source, new FetchState.Failed(Lost, at), statuses);
    }

    // The Job goes when everyone has its result: first the status, then, seeing it there, the deletion.
    private static Decision<ModelStatus> Finish(ModelSnapshot seen, ModelStatus status, string because, Func<Model, bool> taken)
    {
        if (!CacheStatuses.IsTold(seen, status)) return Report(status);
        var waitsFor = seen.Siblings.Any(s => !taken(s) && ModelSpecValidator.Validate(s.Spec, seen.Options).Problem is null);
        return waitsFor ? Report(status) with { LookAgainIn = SiblingRecheck } : Report(status).After(Delete(seen.Job!, because));
    }

    private static DesiredAction.Create CreateClaim(ModelSnapshot seen) => new(CacheClaimBuilder.Build(seen.Model.Metadata.NamespaceProperty, seen.Options));

    private static IReadOnlyList<DesiredAction> Own(ModelSnapshot seen)
    {
        if (seen.Users.All(m => FetchJobBuilder.IsOwnedBy(seen.Job!, m))) return [];
        var meta = seen.Job!.Metadata;

        // With the resourceVersion: two Models that add themselves at once must not drop each other.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = meta.Uid,
                ["resourceVersion"] = meta.ResourceVersion,
                ["ownerReferences"] = JsonNode.Parse(k8s.KubernetesJson.Serialize(FetchJobBuilder.Owners(seen.Users))),
            },
        };
        return [new DesiredAction.Patch(ObjectRef.Of(seen.Job), patch.ToJsonString())];
    }

    // Which of the node's paths may be read is decided here and by how the operator was started, not by a run.
    private static bool IsFinal(V1Condition trouble, SourceAddress source) =>
        ModelStatuses.IsFinal(trouble.Reason) && !(trouble.Reason == Reasons.SourceNotAllowed && source is SourceAddress.Local);

    // The next run's status is of this generation and its Job as it is made today, so that this is so once for each change.
    private static bool IsOfEarlierSpec(ModelSnapshot seen, SourceAddress source) =>
        seen.Model.Status?.ObservedGeneration != seen.Model.Metadata.Generation || FetchJobBuilder.IsOutdated(seen.Job!, FetchJobBuilder.Build(seen, source));

    private static bool IsOfNow(ModelSnapshot seen, V1Condition condition) => condition.ObservedGeneration == seen.Model.Metadata.Generation;

    private static DesiredAction.Delete Delete(V1Job job, string because) => new(ObjectRef.Of(job), DeletePropagation.Background, because);

    private static Decision<ModelStatus> Report(ModelStatus status) => new() { Status = status };

    private static Decision<ModelStatus> After(this Decision<ModelStatus> decision, DesiredAction first) => decision with { Actions = [first, .. decision.Actions] };
}
