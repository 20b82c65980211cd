namespace LlmKube.Operator.Gguf;

/// <summary>What a GGUF header says of the model behind it. Null is "the file does not say".</summary>
internal sealed record GgufHeader
{
    /// <summary>Version of the file format, 2 or 3.</summary>
    public required int FileVersion { get; init; }

    /// <summary><c>general.architecture</c>, for instance <c>llama</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary><c>general.name</c>.</summary>
    public string? Name { get; init; }

    /// <summary><c>general.license</c>.</summary>
    public string? License { get; init; }

    /// <summary>The quantization by llama.cpp's name, for instance <c>Q4_K_M</c>.</summary>
    public string? Quantization { get; init; }

    /// <summary>The context that the model was trained for, in tokens.</summary>
    public long? ContextLength { get; init; }

    /// <summary>Width of an embedding.</summary>
    public long? EmbeddingSize { get; init; }

    /// <summary>Transformer blocks.</summary>
    public long? LayerCount { get; init; }

    /// <summary>Attention heads; the most of any layer where layers differ.</summary>
    public long? HeadCount { get; init; }

    /// <summary>Heads that keys and values have, which the size of the KV cache follows; the most of any layer.</summary>
    public long? KeyValueHeadCount { get; init; }

    /// <summary>Tensors in the file.</summary>
    public required long TensorCount { get; init; }

    /// <summary>Where tensor data begins, in bytes from the start of the file.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Where the last tensor ends: a shorter file is incomplete.</summary>
    public required long DataEnd { get; init; }
}
