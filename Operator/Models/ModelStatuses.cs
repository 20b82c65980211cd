using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Models;

/// <summary>The statuses that a Model can have: each is built whole, and what is no longer true is not in it.</summary>
/// <param name="seen">What was observed.</param>
/// <param name="isLocal">True for a source on a file system, which is copied instead of downloaded.</param>
internal sealed class ModelStatuses(ModelSnapshot seen, bool isLocal)
{
    private const string ToBeTriedAgain = "Waiting to try again";
    private const string ToBeAccepted = "Waiting for the cluster to accept the fetch";

    // The one table of them.
    private static readonly HashSet<string> FinalReasons = [Reasons.SourceNotFound, Reasons.SourceNotAllowed, Reasons.LengthMismatch, Reasons.NotGguf, Reasons.ChecksumMismatch];

    private ModelStatus? Before => seen.Model.Status;

    // What an old source left says nothing of the new one.
    private IList<V1Condition> ConditionsBefore => Before?.CacheKey == seen.Key || Before?.CacheKey is null
        ? Before?.Conditions ?? []
        : [.. (Before.Conditions ?? []).Where(c => c.Type == ConditionTypes.Available)];

    /// <summary>
    /// True if the status says, and may still say, that this source's artefact is in its place on this very claim, whether it is the one that the
    /// Model wants (Ready) or not (Failed, because of its hash).
    /// </summary>
    public static bool Holds(Model model, string key, V1PersistentVolumeClaim? claim) =>
        claim is { Metadata: { DeletionTimestamp: null, Uid: var uid } }
        && model.Status is { Phase: ModelPhases.Ready or ModelPhases.Failed, Sha256.Length: > 0 } status
        && status.CacheKey == key
        && status.CacheClaimUid == uid;

    /// <summary>True for the reason of a failure that only a change of the source or of the spec mends.</summary>
    public static bool IsFinal(string? reason) => reason is not null && FinalReasons.Contains(reason);

    /// <summary>
    /// True for a run's failure that only a change of the source or of the spec mends. A run that claims it for another reason is tried again, or
    /// it would be begun anew at once for as long as nobody knows that it stands.
    /// </summary>
    public static bool IsFinal(FetchReport report) => report.Terminal && IsFinal(report.Reason);

    /// <summary>True if a status told already of the file that another one tells of: the same source in the same claim.</summary>
    public static bool IsOfSameFile(ModelStatus? before, ModelStatus after) =>
        before is { Phase: ModelPhases.Ready } or { Sha256.Length: > 0 } && before.CacheKey == after.CacheKey && before.CacheClaimUid == after.CacheClaimUid;

    /// <summary>True if no fetch is under way by the status, because the last one failed, the cluster refused something or the spec can't be honoured.</summary>
    public static bool IsStopped(ModelStatus status) =>
        status.Phase == ModelPhases.Failed || status.Conditions.Find(ConditionTypes.Progressing)?.Message is ToBeTriedAgain or ToBeAccepted;

    /// <summary>The condition Degraded, if it is about this source.</summary>
    public V1Condition? Trouble => ConditionsBefore.Find(ConditionTypes.Degraded) is { Status: "True" } trouble ? trouble : null;

    // A run's trouble is told until a run has succeeded. What ended the fetch for good, or kept it from beginning, is over when one is under way.
    private bool IsRetried => ConditionsBefore.IsTrue(ConditionTypes.Progressing) && Trouble?.Reason is not (Reasons.Failed or Reasons.CacheVolumeUnbindable or Reasons.CacheSingleNode or Reasons.PodCreationFailed);

    /// <summary>Nothing has begun.</summary>
    /// <param name="why">What it waits for.</param>
    public ModelStatus Pending(string why) => Unfinished(ModelPhases.Pending, Reasons.Pending, why);

    /// <summary>The fetch is under way, and as far as its program said last.</summary>
    public ModelStatus Fetching()
    {
        var status = isLocal
            ? Unfinished(ModelPhases.Copying, Reasons.CopyStarted, seen.IsInPlace ? "Started proving the file in its claim" : "Started copying local model")
            : Unfinished(ModelPhases.Downloading, Reasons.DownloadStarted, "Started downloading model");
        return seen.Progress is not { } reading ? status : status with
        {
            Size = reading.Total is { } total ? SizeText.Of(total) : status.Size,
            SizeBytes = reading.Total ?? status.SizeBytes,
            Download = DownloadOf(reading),
            Gguf = reading.Gguf ?? status.Gguf,
        };
    }

    /// <summary>A status of <see cref="Fetching"/> that tells nothing new of how far it is.</summary>
    public ModelStatus WithProgressOfBefore(ModelStatus fetching) =>
        fetching with { Size = Before?.Size, SizeBytes = Before?.SizeBytes, Download = Before?.Download, Gguf = Before?.Gguf };

    /// <summary>A run failed, and another one will follow by itself.</summary>
    public ModelStatus Retrying(FetchReport report)
    {
        var phase = report.Reason == Reasons.SourceUnauthorized ? ModelPhases.Failed : isLocal ? ModelPhases.Copying : ModelPhases.Downloading;
        var status = Unfinished(phase, isLocal ? Reasons.CopyStarted : Reasons.DownloadStarted, ToBeTriedAgain);
        return Degrade(status, ReasonOf(report), MessageOf(report));
    }

    /// <summary>The Model is being deleted, and its file is in use. What the status said before stays true.</summary>
    /// <param name="by">Who uses it.</param>
    public ModelStatus InUse(string by)
    {
        var message = $"{by} still use the file: delete them, or give them another Model";
        return (Before ?? Base(ModelPhases.Pending)) with
        {
            ObservedGeneration = seen.Model.Metadata.Generation,
            Conditions = (Before?.Conditions).With(Condition(ConditionTypes.InUse, "True", Reasons.InUse, message), seen.Now),
            LastUpdated = Reconciling.Conditions.WholeSeconds(seen.Now),
        };
    }

    /// <summary>The Model is being deleted, and its file with it.</summary>
    /// <param name="why">What it waits for.</param>
    public ModelStatus Removing(string why) => Unfinished(ModelPhases.Pending, Reasons.Removing, why) with { Size = null, SizeBytes = null, Gguf = null };

    /// <summary>The Model is being deleted, and its file can't be removed now.</summary>
    /// <param name="reason">A condition's reason.</param>
    /// <param name="message">What happened, and what to do.</param>
    public ModelStatus RemovalFailed(string reason, string message) => Degrade(Removing(ToBeTriedAgain), reason, message);

    /// <summary>The fetch failed for good.</summary>
    public ModelStatus Failed(FetchReport report) => Failed(ReasonOf(report), MessageOf(report));

    /// <summary>The spec can't be honoured.</summary>
    public ModelStatus Refused(SpecProblem problem) => Failed(problem.Reason, problem.Message);

    /// <summary>The cluster refused an object that the fetch needs.</summary>
    public ModelStatus Blocked(string message) => Degrade(Pending(ToBeAccepted), Reasons.Failed, message);

    /// <summary>The claim, which is the user's, is not there.</summary>
    public ModelStatus WithoutClaim()
    {
        var field = seen is { IsInPlace: false, Mounting: [var oldest, ..] } ? $"spec.modelCache.claimName of InferenceService {oldest.Metadata.Name}" : "spec.source";
        var message = $"{field} names the PersistentVolumeClaim {seen.ClaimName}, which is not in this namespace: create it, or name another";
        return Kept(Pending($"Waiting for the claim {seen.ClaimName}"), new(Reasons.CacheVolumeUnbindable, message, seen.Now));
    }

    /// <summary>No claim has the file: the pods of all services fetch it, each for itself.</summary>
    public ModelStatus FetchedByPods()
    {
        var available = Condition(
            ConditionTypes.Available, "True", Reasons.FetchedByPods, "Nothing is kept: each pod of its InferenceServices fetches the file for itself, and proves it before it serves");
        return Base(ModelPhases.Ready) with
        {
            Path = CacheLayout.ArtifactPath(seen.Model.Spec, seen.Options.ModelCachePath),
            AcceleratorReady = AcceleratorIsReady(),
            Conditions = KeepOnly(ConditionTypes.Available).With(available, seen.Now),
        };
    }

    /// <summary>Something keeps the fetch from beginning.</summary>
    public ModelStatus Kept(ModelStatus pending, WaitObstacle obstacle) => Degrade(pending, obstacle.Reason, obstacle.Message);

    /// <summary>An object of someone else has the name of the fetch Job.</summary>
    public ModelStatus NameTaken(string job)
    {
        var message = $"The Job {job} is not this operator's: delete or rename it";
        var status = Pending($"Waiting for the name {job}");
        return status with { Conditions = status.Conditions.With(Condition(ConditionTypes.NameConflict, "True", Reasons.NameConflict, message), seen.Now) };
    }

    /// <summary>The artefact is in its place, says a run of the program.</summary>
    public ModelStatus Fetched(FetchReport report)
    {
        var proof = new ModelStatus
        {
            Size = report.Bytes is { } bytes ? SizeText.Of(bytes) : null,
            SizeBytes = report.Bytes,
            Sha256 = report.Sha256,
            StagedFiles = report.Files is { Names: { Count: > 0 } names } ? [.. names] : null,
            SourceETag = report.ETag,
            SourceContentLength = report.ContentLength,
            Gguf = report.Gguf,
        };
        return Judged(proof, report.Cached);
    }

    /// <summary>The artefact is in its place, as a Model of the same source has it proved.</summary>
    public ModelStatus Shared(ModelStatus sibling) => Judged(sibling, cached: true);

    /// <summary>The artefact is still in its place.</summary>
    public ModelStatus Held() => Judged(Before!, cached: Before!.Conditions.Find(ConditionTypes.Available)?.Reason != Reasons.ModelReady);

    /// <summary>The message of the condition Degraded for a failed run.</summary>
    public static string MessageOf(FetchReport report) => StableWords.Of(report) is { Length: > 0 } message ? message : "the fetch failed and left no word";

    private string ReasonOf(FetchReport report) => report.Reason is { Length: > 0 } reason ? reason : isLocal ? Reasons.CopyFailed : Reasons.DownloadFailed;

    // What lies there is what it is; whether it is what is wanted, each Model judges for itself. It stays for those that want it.
    private ModelStatus Judged(ModelStatus proof, bool cached)
    {
        var wanted = seen.Model.Spec.Sha256;
        var status = string.IsNullOrEmpty(wanted) || wanted.Equals(proof.Sha256, StringComparison.OrdinalIgnoreCase)
            ? Ready(cached)
            : Failed(Reasons.ChecksumMismatch, $"the source has the sha256 {proof.Sha256}, and spec.sha256 wants {wanted.ToLowerInvariant()}", "The model's file is another one than spec.sha256 names");
        return status with
        {
            Size = proof.Size,
            SizeBytes = proof.SizeBytes,
            CacheClaimUid = seen.Claim!.Metadata.Uid,
            Sha256 = proof.Sha256,
            StagedFiles = proof.StagedFiles,
            SourceETag = proof.SourceETag,
            SourceContentLength = proof.SourceContentLength,
            Gguf = proof.Gguf,
        };
    }

    private ModelStatus Ready(bool cached)
    {
        var available = cached
            ? Condition(ConditionTypes.Available, "True", Reasons.ModelCached, seen.IsInPlace ? "Model found in its claim and proved" : "Model found in cache")
            : Condition(ConditionTypes.Available, "True", Reasons.ModelReady, "Model downloaded and cached");
        return Base(ModelPhases.Ready) with
        {
            Path = CacheLayout.ArtifactPath(seen.Model.Spec, seen.Options.ModelCachePath),
            AcceleratorReady = AcceleratorIsReady(),
            Conditions = KeepOnly(ConditionTypes.Available).With(available, seen.Now),
        };
    }

    private ModelStatus Failed(string reason, string message, string unavailable = "The model could not be fetched")
    {
        var status = Base(ModelPhases.Failed) with
        {
            Conditions = KeepOnly(ConditionTypes.Available, ConditionTypes.Degraded)
                .With(Condition(ConditionTypes.Available, "False", reason, unavailable), seen.Now),
        };
        return Degrade(status, reason, message);
    }

    private ModelStatus Unfinished(string phase, string reason, string message)
    {
        var kept = IsRetried
            ? KeepOnly(ConditionTypes.Available, ConditionTypes.Progressing, ConditionTypes.Degraded)
            : KeepOnly(ConditionTypes.Available, ConditionTypes.Progressing);

        // What is known of the file while it comes. A new operator has heard nothing of its fetch yet, and takes back nothing.
        var known = Before is { Phase: ModelPhases.Pending or ModelPhases.Downloading or ModelPhases.Copying } before && before.CacheKey == seen.Key ? before : null;
        return Base(phase) with
        {
            Size = known?.Size,
            SizeBytes = known?.SizeBytes,
            Download = known?.Phase == phase && message != ToBeTriedAgain ? known.Download : null,
            Gguf = known?.Gguf,
            Conditions = kept
                .With(Condition(ConditionTypes.Available, "False", reason, message), seen.Now)
                .With(Condition(ConditionTypes.Progressing, "True", reason, message), seen.Now),
        };
    }

    // Since when is known from before, also where the trouble as such was left out.
    private ModelStatus Degrade(ModelStatus status, string reason, string message)
    {
        var conditions = Trouble is { } before && status.Conditions.Find(ConditionTypes.Degraded) is null ? [.. status.Conditions!, before] : status.Conditions;
        return status with { Conditions = conditions.With(Condition(ConditionTypes.Degraded, "True", reason, message), seen.Now) };
    }

    private ModelStatus Base(string phase) => new()
    {
        ObservedGeneration = seen.Model.Metadata.Generation,
        Phase = phase,
        CacheKey = seen.Key,
        AcceleratorReady = false,
        LastUpdated = Reconciling.Conditions.WholeSeconds(seen.Now),
    };

    private static ModelDownload DownloadOf(FetchReading reading) => new()
    {
        Bytes = reading.Bytes,
        TotalBytes = reading.Total,
        Percent = reading.Total is { } total ? (int)Math.Min(100, reading.Bytes * 100 / total) : null,
        BytesPerSecond = reading.BytesPerSecond,
        EtaSeconds = reading.EtaSeconds,
    };

    private List<V1Condition> KeepOnly(params ReadOnlySpan<string> types)
    {
        List<V1Condition> kept = [];
        foreach (var condition in ConditionsBefore)
        {
            if (types.Contains(condition.Type)) kept.Add(condition);
        }

        return kept;
    }

    // The CPU is always there. Another accelerator is proved by a server that runs on it.
    private bool AcceleratorIsReady() =>
        (seen.Model.Spec.Hardware?.Accelerator ?? Accelerators.Cpu) == Accelerators.Cpu
        || seen.Services.Any(s => s.Spec.ModelRef == seen.Model.Metadata.Name && s.Status?.Phase == InferenceServicePhases.Ready);

    private V1Condition Condition(string type, string status, string reason, string message) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        ObservedGeneration = seen.Model.Metadata.Generation,
    };
}
