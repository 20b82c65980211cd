using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What the user wants of a Model.</summary>
public sealed record ModelSpec
{
    /// <summary>Sources the operator can fetch: a URL or an absolute path that names a .gguf file, with a query or fragment at most.</summary>
    public const string SourcePattern = @"^(https?|file)://.*\.gguf([?#].*)?$|^/.*\.gguf$";

    /// <summary>
    /// Where the weights come from: an http, https or file URL, or an absolute path, that names a .gguf file. A URL may carry a
    /// query, as in https://host/model.gguf?download=true. Required, at most 2048 characters. Models of one namespace that name
    /// the same source share one file. Changing the source fetches anew.
    /// </summary>
    [Required]
    [Length(minLength: 1, maxLength: 2048)]
    [Pattern(SourcePattern)]
    public string Source { get; set => field = value ?? string.Empty; } = string.Empty;

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
