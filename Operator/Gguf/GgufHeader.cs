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

    /// <summary>Heads that keys and values have; the most of any layer where layers differ.</summary>
    public long? KeyValueHeadCount { get; init; }

    /// <summary>Elements of one head's key, where the file names them; else llama.cpp divides the embedding by the heads.</summary>
    public long? KeyLength { get; init; }

    /// <summary>The same of a value.</summary>
    public long? ValueLength { get; init; }

    /// <summary>Tokens that the model knows.</summary>
    public long? VocabularySize { get; init; }

    /// <summary>The tokens that windowed layers look back at, in models that have such layers.</summary>
    public long? SlidingWindow { get; init; }

    /// <summary>
    /// Elements that the KV cache holds as keys for each token, summed over all layers. Null: the file does not say enough, or the model's cache
    /// is another (<see cref="OtherCache"/>).
    /// </summary>
    public long? KeyCacheElements { get; init; }

    /// <summary>The same for values.</summary>
    public long? ValueCacheElements { get; init; }

    /// <summary>Those of <see cref="KeyCacheElements"/> in layers that keep no more than the window; 0 where no layer is known to be such a one.</summary>
    public long KeyWindowElements { get; init; }

    /// <summary>The same for values.</summary>
    public long ValueWindowElements { get; init; }

    /// <summary>What tells that the model keeps something else than keys and values of each token (recurrent, compressed, none): a key or an architecture.</summary>
    public string? OtherCache { get; init; }

    /// <summary>Which part of a model this file is, where the model is split into several.</summary>
    public GgufSplit? Split { get; init; }

    /// <summary>Tensors in the file.</summary>
    public required long TensorCount { get; init; }

    /// <summary>Where tensor data begins, in bytes from the start of the file.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Where the last tensor ends: a shorter file is incomplete.</summary>
    public required long DataEnd { get; init; }

    /// <summary>Bytes of the weights in this file, with the padding between them.</summary>
    public long TensorBytes => Math.Max(0, DataEnd - DataOffset);
}

/// <summary>Which part of a split model a file is.</summary>
/// <param name="Part">The part's number, from 0 as in the file (its name counts from 1).</param>
/// <param name="Parts">How many there are.</param>
/// <param name="Tensors">Tensors of all parts together; null if the file does not say.</param>
internal sealed record GgufSplit(long Part, long Parts, long? Tensors);
