namespace LlmKube.Operator.Gguf;

/// <summary>
/// What a header may cost. Time is linear in the bytes read, memory is bounded by what is kept; both are far above any
/// published model (the largest vocabularies make headers of about 20 MB).
/// </summary>
internal static class GgufLimits
{
    /// <summary>Bytes of a header, tensor list included.</summary>
    public const long HeaderBytes = 256L * 1024 * 1024;

    /// <summary>Key-value pairs.</summary>
    public const long Pairs = 65_536;

    /// <summary>Tensors.</summary>
    public const long Tensors = 1_000_000;

    /// <summary>Bytes of a key or of a tensor's name (the GGUF specification's own limit for keys).</summary>
    public const int NameBytes = 65_535;

    /// <summary>Bytes kept of a text value; the rest of a longer one is skipped.</summary>
    public const int TextBytes = 4_096;

    /// <summary>Entries kept of those that may matter once the architecture is known.</summary>
    public const int Kept = 512;

    /// <summary>Layers of a model, and entries kept of an array that goes layer by layer (llama.cpp's LLAMA_MAX_LAYERS).</summary>
    public const int Layers = 512;

    /// <summary>Arrays within arrays.</summary>
    public const int Nesting = 4;

    /// <summary>Dimensions of a tensor (llama.cpp's GGML_MAX_DIMS).</summary>
    public const int Dimensions = 4;
}
