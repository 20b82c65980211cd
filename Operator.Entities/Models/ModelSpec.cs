using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What the user wants of a Model.</summary>
public sealed record ModelSpec
{
    /// <summary>Sources that have a form: a URL of a known scheme, or an absolute path. Which of them can be fetched is said in the status.</summary>
    public const string SourcePattern = @"^(https?|file|hf|pvc|s3|oci)://.+$|^/.+$";

    /// <summary>
    /// Where the weights, a GGUF file, come from. http://host/path or https://host/path, with a query if need be, as in
    /// https://host/model.gguf?download=true; the name need not end with .gguf. hf://org/repo/file or hf://org/repo@revision/file:
    /// a file of a repository of the Hugging Face Hub; a slash in a revision is written %2F. hf://org/repo or
    /// hf://org/repo@revision with the files in spec.files. file:///path or /path: a file on the node, where the operator allows its
    /// folder. pvc://claim/path: a file in a PersistentVolumeClaim of the namespace, which is proved and served where it lies. A file whose name ends with
    /// -00001-of-0000N.gguf stands for all N parts. s3 and oci come later. Required, at most 2048 characters. Models of one
    /// namespace that name the same source share one file. Changing the source fetches anew.
    /// </summary>
    [Required]
    [Length(minLength: 1, maxLength: 2048)]
    [Pattern(SourcePattern)]
    public string Source { get; set => field = value ?? string.Empty; } = string.Empty;

    /// <summary>
    /// The files of the repository that an hf source names, as relative paths in it. The first one is served, the others lie
    /// beside it. For hf sources that name no file, and required with them. At most 256 files of at most 512 characters.
    /// </summary>
    [Items(maxItems: 256)]
    [Length(minLength: 1, maxLength: 512)]
    [Pattern(@"^[^/]+(/[^/]+)*$")]
    public IList<string>? Files { get; set; }

    /// <summary>
    /// The SHA-256 that the file must have, in 64 hexadecimal digits. With another one the Model is Failed and nothing is
    /// served. Of several files it is that of the lines that sha256sum prints of them, in their order.
    /// </summary>
    [Pattern("^[a-fA-F0-9]{64}$")]
    public string? Sha256 { get; set; }

    /// <summary>
    /// The Secret, in the same namespace, with the credentials for the source: HF_TOKEN or token (a bearer token), or username
    /// and password. They are sent to the source's own host only.
    /// </summary>
    public V1LocalObjectReference? SourceSecretRef { get; set; }

    /// <summary>
    /// The ConfigMap, in the same namespace, with certificates in PEM of authorities that are trusted beside the system's own
    /// when the source is fetched. It wins over the operator's default.
    /// </summary>
    public V1LocalObjectReference? CaCertConfigMapRef { get; set; }

    /// <summary>
    /// When a source that has been fetched is looked at again: IfNotPresent (never) or OnChange, which comes later and is refused
    /// in the status for now. Default: IfNotPresent.
    /// </summary>
    [EnumValues(RefreshPolicies.IfNotPresent, RefreshPolicies.OnChange)]
    [DefaultValue(RefreshPolicies.IfNotPresent)]
    public string? RefreshPolicy { get; set; }

    /// <summary>
    /// What becomes of the file when the Model is deleted: Retain (it stays in the cache volume) or Delete (it is removed from the
    /// namespace's own cache volume unless another Model of the namespace has the same source). What is in other volumes stays.
    /// Default: Retain.
    /// </summary>
    [EnumValues(DeletionPolicies.Retain, DeletionPolicies.Delete)]
    [DefaultValue(DeletionPolicies.Retain)]
    public string? DeletionPolicy { get; set; }

    /// <summary>Accepted for manifests of the Go operator. The file is always fetched as soon as the Model exists.</summary>
    public bool? Prefetch { get; set; }

    /// <summary>Taints that the pod that fetches tolerates, beside those that the Model's InferenceServices do. At most 64.</summary>
    [Items(maxItems: 64)]
    [ValidationRule(TolerationRules.ExistsHasNoValue, message: TolerationRules.ExistsHasNoValueWords)]
    [ValidationRule(TolerationRules.NoKeyNeedsExists, message: TolerationRules.NoKeyNeedsExistsWords)]
    public IList<V1Toleration>? PrefetchTolerations { get; set; }

    /// <summary>The format of the file. Only gguf, which is the default.</summary>
    [EnumValues(ModelFormats.Gguf)]
    [DefaultValue(ModelFormats.Gguf)]
    public string? Format { get; set; }

    /// <summary>
    /// The quantization of the weights, such as Q4_K_M or F16. For the reader only: what the file holds is in
    /// status.gguf.quantization. At most 64 characters.
    /// </summary>
    [Length(maxLength: 64)]
    public string? Quantization { get; set; }

    /// <summary>The hardware that the model wants. Without it the model is served on CPUs.</summary>
    public HardwareSpec? Hardware { get; set; }

    /// <summary>What serving the model takes beside a GPU. An InferenceService's own resources win.</summary>
    public ModelResources? Resources { get; set; }
}
