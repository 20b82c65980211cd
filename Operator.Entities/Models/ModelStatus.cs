using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What the operator knows of a Model.</summary>
public sealed record ModelStatus
{
    /// <summary>The generation of the spec that this status speaks of. If metadata.generation is newer, the status is not yet current.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>
    /// The phase: Pending (nothing has begun), Downloading (from a URL), Copying (from a path; of a file in a claim: proving it),
    /// Ready (complete and proved, or left to the pods that serve, as the condition Available then says) or Failed (see the condition
    /// Degraded).
    /// </summary>
    [EnumValues(ModelPhases.Pending, ModelPhases.Downloading, ModelPhases.Copying, ModelPhases.Ready, ModelPhases.Failed)]
    public string? Phase { get; set; }

    /// <summary>The size of the file for people, such as "4.6 GiB".</summary>
    public string? Size { get; set; }

    /// <summary>The size of the file in bytes.</summary>
    public long? SizeBytes { get; set; }

    /// <summary>The path of the file in the cache volume as the serving pods see it.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// The folder of the file in the cache volume: the first 16 hexadecimal digits of the SHA-256 of the source, and of spec.files
    /// where it has some.
    /// </summary>
    public string? CacheKey { get; set; }

    /// <summary>
    /// The uid of the PersistentVolumeClaim that holds the file. When the claim of its name is another one, the file counts as
    /// absent and is fetched anew.
    /// </summary>
    public string? CacheClaimUid { get; set; }

    /// <summary>
    /// The SHA-256 of the file as fetched, in 64 hexadecimal digits. Of several files it is that of the lines that sha256sum
    /// prints of them, in their order.
    /// </summary>
    public string? Sha256 { get; set; }

    /// <summary>The files of a source of several, as far as they fit: relative paths in the folder of the first one.</summary>
    public IList<string>? StagedFiles { get; set; }

    /// <summary>The ETag with which the source's server answered when the file was fetched.</summary>
    public string? SourceETag { get; set; }

    /// <summary>The length in bytes that the source's server told when the file was fetched.</summary>
    public long? SourceContentLength { get; set; }

    /// <summary>How far the fetch is. Absent when none is under way.</summary>
    public ModelDownload? Download { get; set; }

    /// <summary>
    /// The volumes that hold the file or are to hold it, one entry per PersistentVolumeClaim: the namespace's cache claim, and
    /// those that InferenceServices name in spec.modelCache.claimName. The rest of this status speaks of the first of them. Absent
    /// where the namespace's cache claim is the only one.
    /// </summary>
    [XListType(XListType.Map)]
    [XListMapKeys("claimName")]
    public IList<ModelCacheStatus>? Caches { get; set; }

    /// <summary>
    /// Whether the accelerator that the spec asks for is there: always for cpu; any other one while an InferenceService of the
    /// Model is Ready on it.
    /// </summary>
    public bool? AcceleratorReady { get; set; }

    /// <summary>What the header of the GGUF file says.</summary>
    public GgufMetadata? Gguf { get; set; }

    /// <summary>When the operator last changed this status.</summary>
    public DateTime? LastUpdated { get; set; }

    /// <summary>
    /// The state of the Model, one entry per type: Available (complete and ready to serve), Progressing (being fetched),
    /// Degraded (the fetch failed or can't begin; the message says why), NameConflict (the fetch Job's name is taken by an object of someone
    /// else) and InUse (the Model is being deleted, and pods that the message names still use its file).
    /// </summary>
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
