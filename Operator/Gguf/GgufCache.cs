namespace LlmKube.Operator.Gguf;

/// <summary>
/// What llama.cpp's KV cache holds for each token, in elements, summed over the layers. Source: llama.cpp's llama-hparams.cpp
/// (<c>n_embd_k_gqa</c>, <c>set_swa_pattern</c>), llama-model.cpp (defaults of head lengths) and models/*.cpp (patterns).
/// </summary>
/// <param name="Keys">Elements of keys.</param>
/// <param name="Values">Elements of values.</param>
/// <param name="WindowKeys">Those keys that are in layers with a sliding window.</param>
/// <param name="WindowValues">The same for values.</param>
internal sealed record GgufCache(long Keys, long Values, long WindowKeys, long WindowValues)
{
    /// <summary>False in models that look at all tokens at once, and keep nothing.</summary>
    public const string CausalSuffix = ".attention.causal";

    // No model comes near: with it, sums over all layers stay below 2^63.
    private const long MostOfLayer = 1L << 40;

    // Where windowed layers lie in models whose files name the window and not the layers: of each period all but the last (or the first).
    private static readonly Dictionary<string, (int Period, bool FullFirst)> Patterns = new()
    {
        ["afmoe"] = (4, false),
        ["cohere2"] = (4, false),
        ["cohere2moe"] = (4, true),
        ["exaone4"] = (4, false),
        ["gemma2"] = (2, false),
        ["gemma3"] = (6, false),
        ["gpt-oss"] = (2, false),
        ["laguna"] = (4, true),
        ["mellum"] = (4, false),
        ["olmo2"] = (4, false),
        ["plamo3"] = (8, false),
        ["smallthinker"] = (4, true),
    };

    /// <summary>Architectures that keep no keys and values, though nothing in their files says so: encoders and diffusion models.</summary>
    public static IReadOnlySet<string> Without { get; } = new HashSet<string>
    {
        "bert", "dream", "eurobert", "gemma-embedding", "jina-bert-v2", "jina-bert-v3", "llada", "llada-moe", "modern-bert", "neo-bert", "nomic-bert",
        "nomic-bert-moe", "t5", "t5encoder", "wavtokenizer-dec",
    };

    /// <summary>
    /// Keys of models that keep something else, or not in each layer: recurrent states, compressed keys and values, layers that share them, layers
    /// for drafts, heads of two lengths.
    /// </summary>
    public static IReadOnlyList<string> OtherSuffixes { get; } =
    [
        ".ssm.state_size", ".ssm.conv_kernel", ".ssm.inner_size", ".wkv.head_size", ".shortconv.l_cache", ".full_attention_interval", ".nextn_predict_layers",
        ".attention.recurrent_layers", ".attention.kv_lora_rank", ".attention.key_length_mla", ".attention.key_length_swa", ".attention.value_length_swa",
        ".attention.shared_kv_layers", ".attention.compress_ratios", ".attention.indexer.key_length",
    ];

    /// <summary>The cache of the model of a header; null if the header does not say enough, or the cache is another one.</summary>
    public static GgufCache? Of(GgufMetadataReader metadata)
    {
        if (metadata.OtherCache is not null || metadata.OfArchitecture("block_count") is not (> 0 and <= GgufLimits.Layers and var layers)) return null;
        if (HeadsOf(metadata, "attention.head_count_kv", layers) is not { } heads) return null;
        if (HeadLengthOf(metadata, "attention.key_length") is not { } keyLength || HeadLengthOf(metadata, "attention.value_length") is not { } valueLength) return null;

        var isWindowed = WindowedLayers(metadata, layers);
        var sum = new GgufCache(0, 0, 0, 0);
        for (var layer = 0; layer < layers; layer++)
        {
            var (keys, values) = ((Int128)heads[layer] * keyLength, (Int128)heads[layer] * valueLength);
            if (keys > MostOfLayer || values > MostOfLayer) return null;
            sum = sum.With((long)keys, (long)values, isWindowed(layer));
        }

        return sum;
    }

    private GgufCache With(long keys, long values, bool isWindowed) =>
        new(Keys + keys, Values + values, WindowKeys + (isWindowed ? keys : 0), WindowValues + (isWindowed ? values : 0));

    // One number for all layers, or one for each. Models that say nothing of KV heads have as many as of others.
    private static IReadOnlyList<long>? HeadsOf(GgufMetadataReader metadata, string suffix, long layers) =>
        metadata.LayersOfArchitecture(suffix) is { } each ? each.Count >= layers ? each : null
        : metadata.OfArchitecture(suffix) is { } all ? [.. Enumerable.Repeat(all, (int)layers)]
        : suffix is "attention.head_count" ? null
        : HeadsOf(metadata, "attention.head_count", layers);

    private static long? HeadLengthOf(GgufMetadataReader metadata, string suffix)
    {
        // Lengths that differ by layer are of no model that is known here.
        if (metadata.LayersOfArchitecture(suffix) is not null) return null;
        if (metadata.OfArchitecture(suffix) is { } named) return named;
        var heads = metadata.LayersOfArchitecture("attention.head_count") is [var first, ..] ? first : metadata.OfArchitecture("attention.head_count");
        return heads is > 0 && metadata.OfArchitecture("embedding_length") is { } embedding ? embedding / heads : null;
    }

    private static Func<int, bool> WindowedLayers(GgufMetadataReader metadata, long layers)
    {
        if (metadata.OfArchitecture("attention.sliding_window") is not > 0) return _ => false;
        if (metadata.LayersOfArchitecture("attention.sliding_window_pattern") is { } each) return each.Count >= layers ? l => each[l] != 0 : _ => false;
        // Other architectures name a window that llama.cpp does not use.
        if (!Patterns.TryGetValue(metadata.Text("general.architecture")!, out var pattern)) return _ => false;
        var period = metadata.OfArchitecture("attention.sliding_window_pattern") ?? pattern.Period;
        return period == 0 ? _ => true
            : pattern.FullFirst ? l => l % period != 0
            : l => l % period < period - 1;
    }
}
