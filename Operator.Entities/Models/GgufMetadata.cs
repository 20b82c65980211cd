namespace LlmKube.Operator.Entities;

/// <summary>What the header of a GGUF file says of the model in it.</summary>
public sealed record GgufMetadata
{
    /// <summary>The architecture of the model, such as llama or qwen2 (general.architecture).</summary>
    public string? Architecture { get; set; }

    /// <summary>The name of the model as its file gives it (general.name).</summary>
    public string? ModelName { get; set; }

    /// <summary>The quantization of the weights, such as Q4_K_M (from general.file_type).</summary>
    public string? Quantization { get; set; }

    /// <summary>The longest context that the model was made for, in tokens.</summary>
    public long? ContextLength { get; set; }

    /// <summary>The length of an embedding vector.</summary>
    public long? EmbeddingSize { get; set; }

    /// <summary>The number of transformer layers (blocks).</summary>
    public long? LayerCount { get; set; }

    /// <summary>The number of attention heads.</summary>
    public long? HeadCount { get; set; }

    /// <summary>The number of heads for keys and values; where layers differ, the greatest.</summary>
    public long? HeadCountKV { get; set; }

    /// <summary>The length of a head's key.</summary>
    public long? KeyLength { get; set; }

    /// <summary>The length of a head's value.</summary>
    public long? ValueLength { get; set; }

    /// <summary>The numbers that the cache keeps of keys for each token, all layers together.</summary>
    public long? KeyCacheElements { get; set; }

    /// <summary>The numbers that the cache keeps of values for each token, all layers together.</summary>
    public long? ValueCacheElements { get; set; }

    /// <summary>The tokens that layers with a sliding window look back at. Absent where no layer has one.</summary>
    public long? SlidingWindow { get; set; }

    /// <summary>Those numbers of keyCacheElements that are in layers with a sliding window. Absent where no layer has one.</summary>
    public long? WindowKeyCacheElements { get; set; }

    /// <summary>Those numbers of valueCacheElements that are in layers with a sliding window. Absent where no layer has one.</summary>
    public long? WindowValueCacheElements { get; set; }

    /// <summary>The number of tokens in the vocabulary.</summary>
    public long? VocabSize { get; set; }

    /// <summary>The number of tensors in the file.</summary>
    public long? TensorCount { get; set; }

    /// <summary>The version of the GGUF format.</summary>
    public int? FileVersion { get; set; }

    /// <summary>The licence of the model as its file gives it (general.license).</summary>
    public string? License { get; set; }
}
