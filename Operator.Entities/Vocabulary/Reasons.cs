namespace LlmKube.Operator.Entities;

/// <summary>The reasons of conditions and Events. What to do about each is in docs/operations.md.</summary>
public static class Reasons
{
    // Model: Available
    /// <summary>The file was in the cache already, with its completion marker.</summary>
    public const string ModelCached = "ModelCached";

    /// <summary>The file has been fetched and proved.</summary>
    public const string ModelReady = "ModelReady";

    /// <summary>No volume has the file: the pods of all its InferenceServices are Ephemeral, and each fetches and proves it for itself.</summary>
    public const string FetchedByPods = "FetchedByPods";

    // Model: Progressing
    /// <summary>A download is under way.</summary>
    public const string DownloadStarted = "DownloadStarted";

    /// <summary>A copy from a file system is under way.</summary>
    public const string CopyStarted = "CopyStarted";

    // Model: Degraded
    /// <summary>A download failed; the message has the server's words.</summary>
    public const string DownloadFailed = "DownloadFailed";

    /// <summary>A copy failed.</summary>
    public const string CopyFailed = "CopyFailed";

    /// <summary>The source does not exist (404, 410, no such file).</summary>
    public const string SourceNotFound = "SourceNotFound";

    /// <summary>The source wants credentials that it did not get (401, 403, 407, no read permission).</summary>
    public const string SourceUnauthorized = "SourceUnauthorized";

    /// <summary>The server's certificate is not trusted, or TLS failed.</summary>
    public const string SourceUntrusted = "SourceUntrusted";

    /// <summary>No answer, or not one that a fetch can go on with.</summary>
    public const string SourceUnreachable = "SourceUnreachable";

    /// <summary>The operator's configuration forbids the source, or a redirect leads where none may.</summary>
    public const string SourceNotAllowed = "SourceNotAllowed";

    /// <summary>The server went silent in the middle of an answer.</summary>
    public const string SourceStalled = "SourceStalled";

    /// <summary>The source has another length than it announced.</summary>
    public const string LengthMismatch = "LengthMismatch";

    /// <summary>The file is not a GGUF file, or an incomplete one.</summary>
    public const string NotGguf = "NotGguf";

    /// <summary>The cache volume has no room for the file.</summary>
    public const string OutOfSpace = "OutOfSpace";

    /// <summary>The cache volume can't be written or read.</summary>
    public const string CacheUnusable = "CacheUnusable";

    /// <summary>Another process writes the same file of the cache and did not end in time.</summary>
    public const string CacheBusy = "CacheBusy";

    /// <summary>The fetch was told to stop before it was done.</summary>
    public const string Interrupted = "Interrupted";

    /// <summary>The file has another SHA-256 than spec.sha256 or the source's own server says.</summary>
    public const string ChecksumMismatch = "ChecksumMismatch";

    /// <summary>The cache claim is not there or gets no volume, or its volume can't be attached where the pod is to run.</summary>
    public const string CacheVolumeUnbindable = "CacheVolumeUnbindable";

    // Model: InUse
    /// <summary>Pods that the message names use the file.</summary>
    public const string InUse = "InUse";

    // Model: Progressing, when it is being deleted
    /// <summary>The file is being removed from the cache.</summary>
    public const string Removing = "Removing";

    // InferenceService: Available
    /// <summary>Pods serve.</summary>
    public const string InferenceReady = "InferenceReady";

    /// <summary>No pod serves.</summary>
    public const string NoReadyPods = "NoReadyPods";

    // InferenceService: Progressing
    /// <summary>Waits for something other than pods.</summary>
    public const string Pending = "Pending";

    /// <summary>The first pods start.</summary>
    public const string Creating = "Creating";

    /// <summary>Pods are being replaced.</summary>
    public const string RollingOut = "RollingOut";

    /// <summary>Pods wait for a GPU.</summary>
    public const string WaitingForGPU = "WaitingForGPU";

    /// <summary>Zero replicas are wanted.</summary>
    public const string Stopped = "Stopped";

    /// <summary>The Model does not exist.</summary>
    public const string ModelNotFound = "ModelNotFound";

    /// <summary>The Model exists and is not ready.</summary>
    public const string ModelNotReady = "ModelNotReady";

    /// <summary>The Model failed.</summary>
    public const string ModelFailed = "ModelFailed";

    // InferenceService: GPUAvailable
    /// <summary>No node has the free GPUs.</summary>
    public const string InsufficientGPU = "InsufficientGPU";

    // InferenceService: FitsGPU
    /// <summary>By estimate the model fits.</summary>
    public const string FitsGPU = "FitsGPU";

    /// <summary>By estimate the model needs more memory than its GPUs have; or, as Degraded, the server has not got it.</summary>
    public const string InsufficientGPUMemory = "InsufficientGPUMemory";

    /// <summary>Nobody says how much memory the GPUs have, or it is enough on some nodes only, or the model is of a kind that can't be estimated.</summary>
    public const string GPUMemoryUnknown = "GPUMemoryUnknown";

    // InferenceService: Accelerated
    /// <summary>All layers of the model are on GPUs.</summary>
    public const string LayersOffloaded = "LayersOffloaded";

    /// <summary>Some layers of the model are on GPUs.</summary>
    public const string PartlyOffloaded = "PartlyOffloaded";

    /// <summary>The pods have GPUs, and the server computes on the CPU; the message says what to look at.</summary>
    public const string CPUFallback = "CPUFallback";

    /// <summary>The pods have just come up, and their logs have not been read.</summary>
    public const string NotYetKnown = "NotYetKnown";

    /// <summary>The begin of a server's log is gone.</summary>
    public const string LogRotated = "LogRotated";

    /// <summary>The server's log tells of the load, and not of the layers.</summary>
    public const string NotLogged = "NotLogged";

    /// <summary>A server's log can't be read; the message has the API server's words.</summary>
    public const string LogUnreadable = "LogUnreadable";

    // InferenceService: UpgradePending
    /// <summary>Other services have their pods replaced first, or the pods of one of them fail.</summary>
    public const string WaitingForTurn = "WaitingForTurn";

    /// <summary>It is this service's turn: its pods are being replaced.</summary>
    public const string Upgrading = "Upgrading";

    /// <summary>The pods can't all be replaced, and others wait for that; the message says why.</summary>
    public const string UpgradeStalled = "UpgradeStalled";

    /// <summary>The newer pods fail, are refused, or compute on the CPU, and all other services wait; the message says why.</summary>
    public const string UpgradeFailed = "UpgradeFailed";

    // InferenceService: CacheSingleNode; Model: Degraded
    /// <summary>The cache volume is on one node, and not all pods can run there; the message names the cures.</summary>
    public const string CacheSingleNode = "CacheSingleNode";

    // InferenceService: Progressing, when the rollout of a generation is over
    /// <summary>Every wanted pod served the current spec; pods that fail later don't make it a rollout again.</summary>
    public const string RolloutComplete = "RolloutComplete";

    // InferenceService: Degraded, from pods and Deployment
    /// <summary>The image can't be pulled.</summary>
    public const string ImagePullFailed = "ImagePullFailed";

    /// <summary>The server ends again and again; the message has its exit code and last words.</summary>
    public const string CrashLooping = "CrashLooping";

    /// <summary>The GPU driver of the node and the server's image do not go together; the message has the server's or the node's words.</summary>
    public const string DriverIncompatible = "DriverIncompatible";

    /// <summary>The server does not find the model's file, which the Model says is there.</summary>
    public const string ModelMissing = "ModelMissing";

    /// <summary>The server needs more memory than it may have.</summary>
    public const string OOMKilled = "OOMKilled";

    /// <summary>The rollout took longer than the startup budget.</summary>
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";

    // InferenceService: schedulingStatus beside InsufficientGPU
    /// <summary>No node has enough free CPU, memory or disk.</summary>
    public const string InsufficientResources = "InsufficientResources";

    /// <summary>No node fits, for another reason.</summary>
    public const string Unschedulable = "Unschedulable";

    // Both: Degraded
    /// <summary>The API server or the node refuses to make pods.</summary>
    public const string PodCreationFailed = "PodCreationFailed";

    /// <summary>Something failed and the message says what.</summary>
    public const string Failed = "Failed";

    /// <summary>The spec holds a value that cannot be honoured; the message names the field.</summary>
    public const string InvalidSpec = "InvalidSpec";

    // Both: NameConflict
    /// <summary>An object of the name that the operator needs belongs to someone else.</summary>
    public const string NameConflict = "NameConflict";
}
