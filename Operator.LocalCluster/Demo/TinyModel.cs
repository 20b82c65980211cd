using System.Buffers.Binary;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>
/// Writes a language model in GGUF that is real as far as llama.cpp is concerned: it loads, decodes, samples, streams and counts
/// tokens. Its weights are random and derived from no other model, so what it says is words without sense.
/// </summary>
internal static class TinyModel
{
    private const uint Version = 3;
    private const int Alignment = 32;
    private const uint Float32 = 0;

    /// <summary>Writes the model to a file, which appears whole or not at all.</summary>
    public static void WriteFile(string path, TinyModelSpec spec)
    {
        var unfinished = $"{path}.{Environment.ProcessId}.part";
        try
        {
            using (var file = File.Create(unfinished)) Write(file, spec);
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Writes the model as a stream: of a large one, no more than a piece is in memory.</summary>
    /// <exception cref="ArgumentException">The shape makes no model.</exception>
    public static void Write(Stream output, TinyModelSpec spec)
    {
        spec.Check();
        var metadata = Metadata(spec);
        var tensors = Tensors(spec);

        using var header = new MemoryStream();
        header.Write("GGUF"u8);
        Number(header, Version);
        Number(header, (ulong)tensors.Count);
        Number(header, (ulong)metadata.Count);
        metadata.WriteTo(header);
        ulong offset = 0;
        foreach (var tensor in tensors)
        {
            GgufMetadata.Text(header, tensor.Name);
            Number(header, (uint)tensor.Dimensions.Count);
            foreach (var size in tensor.Dimensions) Number(header, (ulong)size);
            Number(header, Float32);
            Number(header, offset);
            offset += (ulong)(tensor.Bytes + Padding(tensor.Bytes));
        }

        header.WriteTo(output);
        Pad(output, header.Length);
        var weights = new WeightWriter(output, spec.Seed);
        foreach (var tensor in tensors)
        {
            tensor.Fill(weights);
            Pad(output, tensor.Bytes);
        }
    }

    private static GgufMetadata Metadata(TinyModelSpec spec) => new GgufMetadata()
        .Add("general.architecture", "llama")
        .Add("general.type", "model")
        .Add("general.name", spec.Name)
        .Add("general.license", "apache-2.0")
        .Add("general.file_type", 0) // all tensors are F32
        .Add("general.quantization_version", 2)
        .Add("general.alignment", Alignment)
        .Add("llama.vocab_size", (uint)TinyVocabulary.Tokens.Count)
        .Add("llama.context_length", (uint)spec.Context)
        .Add("llama.embedding_length", (uint)spec.Embedding)
        .Add("llama.block_count", (uint)spec.Layers)
        .Add("llama.feed_forward_length", (uint)spec.FeedForward)
        .Add("llama.attention.head_count", (uint)spec.Heads)
        .Add("llama.attention.head_count_kv", (uint)spec.KeyValueHeads)
        .Add("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .Add("llama.rope.dimension_count", (uint)spec.HeadWidth)
        .Add("llama.rope.freq_base", 10_000f)
        .Add("tokenizer.ggml.model", "llama") // SentencePiece
        .Add("tokenizer.ggml.pre", "default")
        .Add("tokenizer.ggml.tokens", [.. TinyVocabulary.Tokens.Select(t => t.Text)])
        .Add("tokenizer.ggml.scores", [.. TinyVocabulary.Tokens.Select(t => t.Score)])
        .Add("tokenizer.ggml.token_type", [.. TinyVocabulary.Tokens.Select(t => (int)t.Type)])
        .Add("tokenizer.ggml.bos_token_id", TinyVocabulary.Begin)
        .Add("tokenizer.ggml.eos_token_id", TinyVocabulary.End)
        .Add("tokenizer.ggml.unknown_token_id", TinyVocabulary.Unknown)
        .Add("tokenizer.ggml.add_bos_token", true)
        .Add("tokenizer.ggml.add_eos_token", false)
        .Add("tokenizer.ggml.add_space_prefix", false)
        .Add("tokenizer.chat_template", TinyVocabulary.ChatTemplate);

    private static List<Tensor> Tensors(TinyModelSpec spec)
    {
        var (width, inner, keys) = (spec.Embedding, spec.FeedForward, spec.HeadWidth * spec.KeyValueHeads);
        var count = TinyVocabulary.Tokens.Count;
        List<Tensor> tensors = [new("token_embd.weight", [width, count], w => w.Rows(width, count, _ => 2f, 1f))];
        for (var i = 0; i < spec.Layers; i++)
        {
            tensors.AddRange(
            [
                Ones($"blk.{i}.attn_norm.weight", width),
                Noise($"blk.{i}.attn_q.weight", width, width),
                Noise($"blk.{i}.attn_k.weight", width, keys),
                Noise($"blk.{i}.attn_v.weight", width, keys),
                Noise($"blk.{i}.attn_output.weight", width, width),
                Ones($"blk.{i}.ffn_norm.weight", width),
                Noise($"blk.{i}.ffn_gate.weight", width, inner),
                Noise($"blk.{i}.ffn_up.weight", width, inner),
                Noise($"blk.{i}.ffn_down.weight", inner, width),
            ]);
        }

        tensors.Add(Ones("output_norm.weight", width));
        tensors.Add(new("output.weight", [width, count], w => w.Rows(width, count, t => TinyVocabulary.Tendency(t, spec.EndWeight), 0.15f)));
        return tensors;
    }

    private static Tensor Ones(string name, int length) => new(name, [length], w => w.Ones(length));

    private static Tensor Noise(string name, int columns, int rows) => new(name, [columns, rows], w => w.Noise((long)columns * rows));

    private static int Padding(long length) => (int)((Alignment - (length % Alignment)) % Alignment);

    private static void Pad(Stream output, long length)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        output.Write(zeros[..Padding(length)]);
    }

    private static void Number(Stream output, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        output.Write(bytes);
    }

    private static void Number(Stream output, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        output.Write(bytes);
    }

    private sealed record Tensor(string Name, IReadOnlyList<long> Dimensions, Action<WeightWriter> Fill)
    {
        public long Bytes => Dimensions.Aggregate((long)sizeof(float), (product, size) => product * size);
    }
}
