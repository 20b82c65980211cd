using System.Buffers.Binary;
using System.Text;

namespace LlmKube.Operator.Gguf;

/// <summary>
/// Reads the header of a GGUF file, versions 2 and 3, and checks that the tensors that it lists fit into the file. Whatever
/// the bytes, it takes bounded time and memory and throws nothing but <see cref="GgufException"/> (and what the stream throws).
/// Format: the GGUF specification in ggml's docs/gguf.md.
/// </summary>
internal static class GgufReader
{
    /// <summary>The four bytes that every GGUF file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "GGUF"u8;

    // A tensor of the list: name length, dimension count, type, offset.
    private const int LeastTensorBytes = 8 + 4 + 4 + 8;
    private const int LeastPairBytes = 8 + 4 + 1;

    /// <summary>Reads a header.</summary>
    /// <param name="stream">Positioned at the file's first byte. Read ahead by some 64 KiB beyond the header.</param>
    /// <param name="length">The file's length where it is known: then the tensor data must lie within it.</param>
    /// <exception cref="GgufException">It is not a GGUF file, not one of ours, or not complete.</exception>
    public static GgufHeader Read(Stream stream, long? length)
    {
        var input = new GgufInput(stream, length);
        var version = ReadVersion(input, length);
        var tensors = input.Count("tensors", GgufLimits.Tensors, LeastTensorBytes);
        var pairs = input.Count("key-value pairs", GgufLimits.Pairs, LeastPairBytes);
        var metadata = new GgufMetadataReader(input);
        metadata.Read(pairs);
        var list = GgufTensorList.Read(input, tensors, metadata.Alignment);
        if (list.DataEnd > length)
        {
            throw new GgufException($"the tensor data ends at byte {list.DataEnd}, the file at {length}: the file is incomplete");
        }

        var cache = GgufCache.Of(metadata);
        return new GgufHeader
        {
            FileVersion = version,
            Architecture = metadata.Text("general.architecture"),
            Name = metadata.Text("general.name"),
            License = metadata.Text("general.license"),
            Quantization = metadata.Number("general.file_type") is { } type ? GgufTypes.FileTypeName(type) : list.DominantType,
            ContextLength = metadata.OfArchitecture("context_length"),
            EmbeddingSize = metadata.OfArchitecture("embedding_length"),
            LayerCount = metadata.OfArchitecture("block_count"),
            HeadCount = metadata.OfArchitecture("attention.head_count"),
            KeyValueHeadCount = metadata.OfArchitecture("attention.head_count_kv"),
            KeyLength = metadata.OfArchitecture("attention.key_length"),
            ValueLength = metadata.OfArchitecture("attention.value_length"),
            VocabularySize = metadata.OfArchitecture("vocab_size") ?? metadata.TokenCount,
            SlidingWindow = metadata.OfArchitecture("attention.sliding_window"),
            KeyCacheElements = cache?.Keys,
            ValueCacheElements = cache?.Values,
            KeyWindowElements = cache?.WindowKeys ?? 0,
            ValueWindowElements = cache?.WindowValues ?? 0,
            OtherCache = metadata.OtherCache,
            Split = metadata.Number("split.count") is > 1 and var parts
                ? new GgufSplit(metadata.Number("split.no") ?? 0, parts, metadata.Number("split.tensors.count"))
                : null,
            TensorCount = tensors,
            DataOffset = list.DataOffset,
            DataEnd = list.DataEnd,
        };
    }

    /// <summary>Refuses bytes that can't be the start of a GGUF file and says what they look like.</summary>
    /// <param name="start">The file's first bytes, at least four.</param>
    /// <exception cref="GgufException">It does not begin with <see cref="Magic"/>.</exception>
    public static void CheckMagic(ReadOnlySpan<byte> start)
    {
        if (!start.StartsWith(Magic)) throw new GgufException($"the file does not begin with GGUF: {Describe(start)}");
    }

    private static int ReadVersion(GgufInput input, long? length)
    {
        if (length < 24) throw new GgufException($"the file has {length} bytes, less than the shortest GGUF header");
        Span<byte> magic = [input.Byte(), input.Byte(), input.Byte(), input.Byte()];
        CheckMagic(magic);
        var version = input.UInt32();
        return version switch
        {
            2 or 3 => (int)version,
            1 => throw new GgufException("the file has GGUF version 1, which llama.cpp no longer reads: convert it anew"),
            _ when BinaryPrimitives.ReverseEndianness(version) is >= 1 and <= 99 => throw new GgufException("the file is big-endian; only little-endian GGUF files can be served"),
            _ => throw new GgufException($"the file has GGUF version {version}; versions 2 and 3 are known"),
        };
    }

    private static string Describe(ReadOnlySpan<byte> start)
    {
        var text = Encoding.Latin1.GetString(start[..Math.Min(start.Length, 4)]);
        return text switch
        {
            _ when text.StartsWith("<!do", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<htm", StringComparison.OrdinalIgnoreCase) => "it looks like an HTML page",
            _ when text.StartsWith('<') => "it looks like HTML or XML",
            _ when text.StartsWith('{') => "it looks like JSON",
            _ when text.StartsWith("vers", StringComparison.Ordinal) => "it looks like a Git LFS pointer, not the file that it points to",
            _ when text.StartsWith("PK", StringComparison.Ordinal) => "it looks like a ZIP archive (a PyTorch checkpoint?)",
            _ when text.StartsWith("ggml", StringComparison.Ordinal) || text.StartsWith("lmgg", StringComparison.Ordinal) => "it looks like a GGML file from before GGUF",
            _ => $"its first bytes are {Convert.ToHexStringLower(start[..Math.Min(start.Length, 4)])}",
        };
    }
}
