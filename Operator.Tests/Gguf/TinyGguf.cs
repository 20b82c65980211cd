namespace LlmKube.Operator.Tests.Gguf;

/// <summary>
/// A small model with random weights, complete enough for llama.cpp to load: vocabulary and all tensors. The same arguments give the
/// same bytes.
/// </summary>
internal sealed record TinyGguf
{
    private const int Unknown = 2, Control = 3, Byte = 6, Normal = 1;

    /// <summary>One of those whose tensors are llama's: llama itself, deci (layers may differ), cohere2 (layers with a window).</summary>
    public string Architecture { get; init; } = "llama";

    public string Name { get; init; } = "tiny-random-llama";

    public string License { get; init; } = "apache-2.0";

    public int Layers { get; init; } = 2;

    public int Embedding { get; init; } = 64;

    public int Heads { get; init; } = 4;

    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Where layers differ: the KV heads of each.</summary>
    public IReadOnlyList<int>? KeyValueHeadsByLayer { get; init; }

    /// <summary>Where it is not the embedding divided by the heads.</summary>
    public int? HeadLength { get; init; }

    public int Context { get; init; } = 2048;

    /// <summary>Tokens that windowed layers look back at; for cohere2, where each fourth layer has no window.</summary>
    public int? SlidingWindow { get; init; }

    public int Seed { get; init; } = 1;

    public uint Version { get; init; } = 3;

    public uint Alignment { get; init; } = 32;

    public TinyWeights Weights { get; init; } = TinyWeights.F32;

    /// <summary>Tokens beyond those for bytes and printable characters.</summary>
    public int MoreTokens { get; init; }

    private bool IsCohere => Architecture == "cohere2";

    public byte[] Build() => Write(Pairs(new(Version, Alignment)), Tensors());

    /// <summary>The same model in parts, as llama.cpp's gguf-split makes them: the pairs are in the first.</summary>
    public IReadOnlyList<byte[]> BuildParts(int parts)
    {
        var tensors = Tensors();
        var each = (tensors.Count + parts - 1) / parts;
        return
        [
            .. tensors.Chunk(each).Select((those, part) => Write(
                (part == 0 ? Pairs(new(Version, Alignment)) : new GgufBuilder(Version, Alignment).UInt32("general.alignment", Alignment))
                .UInt16("split.no", (ushort)part)
                .UInt16("split.count", (ushort)parts)
                .Int32("split.tensors.count", tensors.Count),
                those)),
        ];
    }

    private GgufBuilder Pairs(GgufBuilder builder)
    {
        var (tokens, scores, types) = Vocabulary();
        builder
            .Text("general.architecture", Architecture)
            .Text("general.type", "model")
            .Text("general.name", Name)
            .Text("general.license", License)
            .UInt32("general.file_type", Weights.FileType)
            .UInt32("general.quantization_version", 2)
            .UInt32("general.alignment", Alignment)
            .UInt32($"{Architecture}.vocab_size", (uint)tokens.Count)
            .UInt32($"{Architecture}.context_length", (uint)Context)
            .UInt32($"{Architecture}.embedding_length", (uint)Embedding)
            .UInt32($"{Architecture}.block_count", (uint)Layers)
            .UInt32($"{Architecture}.feed_forward_length", (uint)(2 * Embedding))
            .UInt32($"{Architecture}.attention.head_count", (uint)Heads);
        if (KeyValueHeadsByLayer is { } each) builder.Ints($"{Architecture}.attention.head_count_kv", [.. each]);
        else builder.UInt32($"{Architecture}.attention.head_count_kv", (uint)KeyValueHeads);
        if (HeadLength is { } length) builder.UInt32($"{Architecture}.attention.key_length", (uint)length).UInt32($"{Architecture}.attention.value_length", (uint)length);
        if (SlidingWindow is { } window) builder.UInt32($"{Architecture}.attention.sliding_window", (uint)window);
        if (IsCohere) builder.Float32("cohere2.attention.layer_norm_epsilon", 1e-5f).Float32("cohere2.logit_scale", 0.25f);
        else builder.Float32($"{Architecture}.attention.layer_norm_rms_epsilon", 1e-5f);
        return builder
            .UInt32($"{Architecture}.rope.dimension_count", (uint)(HeadLength ?? Embedding / Heads))
            .Float32($"{Architecture}.rope.freq_base", 10000)
            .Text("tokenizer.ggml.model", "llama")
            .Text("tokenizer.ggml.pre", "default")
            .Texts("tokenizer.ggml.tokens", tokens)
            .Floats("tokenizer.ggml.scores", scores)
            .Ints("tokenizer.ggml.token_type", types)
            .UInt32("tokenizer.ggml.bos_token_id", 1)
            .UInt32("tokenizer.ggml.eos_token_id", 2)
            .UInt32("tokenizer.ggml.unknown_token_id", 0)
            .Bool("tokenizer.ggml.add_bos_token", true)
            .Bool("tokenizer.ggml.add_eos_token", false)
            .Bool("tokenizer.ggml.add_space_prefix", false)
            .Text("tokenizer.chat_template", "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}");
    }

    private List<TinyTensor> Tensors()
    {
        var chance = new Random(Seed);
        var (tokens, feedForward, head) = (Vocabulary().Tokens.Count, 2 * Embedding, HeadLength ?? Embedding / Heads);
        var tensors = new List<TinyTensor>();
        Matrix("token_embd.weight", Embedding, tokens);
        for (var layer = 0; layer < Layers; layer++)
        {
            var keyValues = head * (KeyValueHeadsByLayer?[layer] ?? KeyValueHeads);
            Ones($"blk.{layer}.attn_norm.weight");
            Matrix($"blk.{layer}.attn_q.weight", Embedding, head * Heads);
            Matrix($"blk.{layer}.attn_k.weight", Embedding, keyValues);
            Matrix($"blk.{layer}.attn_v.weight", Embedding, keyValues);
            Matrix($"blk.{layer}.attn_output.weight", head * Heads, Embedding);
            // Cohere's layers norm once, and its output is its input's matrix.
            if (!IsCohere) Ones($"blk.{layer}.ffn_norm.weight");
            Matrix($"blk.{layer}.ffn_gate.weight", Embedding, feedForward);
            Matrix($"blk.{layer}.ffn_up.weight", Embedding, feedForward);
            Matrix($"blk.{layer}.ffn_down.weight", feedForward, Embedding);
        }

        Ones("output_norm.weight");
        if (!IsCohere) Matrix("output.weight", Embedding, tokens);
        return tensors;

        void Matrix(string name, int columns, int rows) => tensors.Add(new(name, [(ulong)columns, (ulong)rows], Weights.Type, Weights.Fill(chance, columns * rows)));

        void Ones(string name) => tensors.Add(new(name, [(ulong)Embedding], TinyWeights.F32.Type, TinyWeights.Ones(Embedding)));
    }

    private (List<string> Tokens, List<float> Scores, List<int> Types) Vocabulary()
    {
        List<string> tokens = ["<unk>", "<s>", "</s>"];
        List<float> scores = [0, 0, 0];
        List<int> types = [Unknown, Control, Control];
        for (var b = 0; b < 256; b++) Add($"<0x{b:X2}>", 0, Byte);
        for (var c = 0x20; c < 0x7F; c++) Add(c == 0x20 ? "\u2581" : $"{(char)c}", -1000 - c, Normal);
        for (var i = 0; i < MoreTokens; i++) Add($"\u2581wörd{i}", -2000 - i, Normal);
        return (tokens, scores, types);

        void Add(string token, float score, int type)
        {
            tokens.Add(token);
            scores.Add(score);
            types.Add(type);
        }
    }

    private static byte[] Write(GgufBuilder builder, IEnumerable<TinyTensor> tensors) =>
        tensors.Aggregate(builder, (all, one) => all.Tensor(one.Name, one.Dimensions, one.Data, one.Type)).Build();

    private sealed record TinyTensor(string Name, ulong[] Dimensions, uint Type, byte[] Data);
}
