using System.Runtime.InteropServices;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>
/// A small llama model with random weights, complete enough for llama.cpp to load: vocabulary, all tensors, F32. The same
/// arguments give the same bytes.
/// </summary>
internal sealed record TinyGguf
{
    private const int Unknown = 2, Control = 3, Byte = 6, Normal = 1;

    public string Name { get; init; } = "tiny-random-llama";

    public string License { get; init; } = "apache-2.0";

    public int Layers { get; init; } = 2;

    public int Embedding { get; init; } = 64;

    public int Heads { get; init; } = 4;

    public int KeyValueHeads { get; init; } = 2;

    public int Context { get; init; } = 2048;

    public int Seed { get; init; } = 1;

    public uint Version { get; init; } = 3;

    public byte[] Build()
    {
        var chance = new Random(Seed);
        var feedForward = 2 * Embedding;
        var (tokens, scores, types) = Vocabulary();
        var builder = new GgufBuilder(Version)
            .Text("general.architecture", "llama")
            .Text("general.type", "model")
            .Text("general.name", Name)
            .Text("general.license", License)
            .UInt32("general.file_type", 0)
            .UInt32("general.quantization_version", 2)
            .UInt32("general.alignment", 32)
            .UInt32("llama.vocab_size", (uint)tokens.Count)
            .UInt32("llama.context_length", (uint)Context)
            .UInt32("llama.embedding_length", (uint)Embedding)
            .UInt32("llama.block_count", (uint)Layers)
            .UInt32("llama.feed_forward_length", (uint)feedForward)
            .UInt32("llama.attention.head_count", (uint)Heads)
            .UInt32("llama.attention.head_count_kv", (uint)KeyValueHeads)
            .Float32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .UInt32("llama.rope.dimension_count", (uint)(Embedding / Heads))
            .Float32("llama.rope.freq_base", 10000)
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

        var keyValues = Embedding / Heads * KeyValueHeads;
        Matrix("token_embd.weight", Embedding, tokens.Count);
        for (var layer = 0; layer < Layers; layer++)
        {
            Ones($"blk.{layer}.attn_norm.weight");
            Matrix($"blk.{layer}.attn_q.weight", Embedding, Embedding);
            Matrix($"blk.{layer}.attn_k.weight", Embedding, keyValues);
            Matrix($"blk.{layer}.attn_v.weight", Embedding, keyValues);
            Matrix($"blk.{layer}.attn_output.weight", Embedding, Embedding);
            Ones($"blk.{layer}.ffn_norm.weight");
            Matrix($"blk.{layer}.ffn_gate.weight", Embedding, feedForward);
            Matrix($"blk.{layer}.ffn_up.weight", Embedding, feedForward);
            Matrix($"blk.{layer}.ffn_down.weight", feedForward, Embedding);
        }

        Ones("output_norm.weight");
        Matrix("output.weight", Embedding, tokens.Count);
        return builder.Build();

        void Matrix(string name, int columns, int rows)
        {
            var values = new float[columns * rows];
            for (var i = 0; i < values.Length; i++) values[i] = (chance.NextSingle() - 0.5f) / 10;
            builder.Tensor(name, [(ulong)columns, (ulong)rows], MemoryMarshal.AsBytes<float>(values).ToArray());
        }

        void Ones(string name)
        {
            var values = new float[Embedding];
            System.Array.Fill(values, 1f);
            builder.Tensor(name, [(ulong)Embedding], MemoryMarshal.AsBytes<float>(values).ToArray());
        }
    }

    private static (List<string> Tokens, List<float> Scores, List<int> Types) Vocabulary()
    {
        List<string> tokens = ["<unk>", "<s>", "</s>"];
        List<float> scores = [0, 0, 0];
        List<int> types = [Unknown, Control, Control];
        for (var b = 0; b < 256; b++) Add($"<0x{b:X2}>", 0, Byte);
        for (var c = 0x20; c < 0x7F; c++) Add(c == 0x20 ? "\u2581" : $"{(char)c}", -1000 - c, Normal);
        return (tokens, scores, types);

        void Add(string token, float score, int type)
        {
            tokens.Add(token);
            scores.Add(score);
            types.Add(type);
        }
    }
}
