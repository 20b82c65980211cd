using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What the memory that llama-server takes depends on.</summary>
internal sealed record GpuFitInput
{
    /// <summary>Bytes of the weights, of all parts of the model.</summary>
    public required long WeightsBytes { get; init; }

    /// <summary>Transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Elements that the cache holds as keys for each token, over all layers (<see cref="GgufHeader.KeyCacheElements"/>).</summary>
    public required long KeyElements { get; init; }

    /// <summary>The same for values.</summary>
    public required long ValueElements { get; init; }

    /// <summary>Tokens of <c>--ctx-size</c>, which all slots share; without it, the context that the model was trained for.</summary>
    public required long ContextTokens { get; init; }

    /// <summary><c>--parallel</c>. Null: not given, and the server's own slots draw on one cache.</summary>
    public int? Slots { get; init; }

    /// <summary>Tokens that are computed at a time (<c>--ubatch-size</c>).</summary>
    public int MicroBatch { get; init; } = GpuFit.MicroBatch;

    /// <summary>How keys are kept (<c>--cache-type-k</c>).</summary>
    public TensorType KeyType { get; init; } = GpuFit.DefaultCacheType;

    /// <summary>How values are kept (<c>--cache-type-v</c>).</summary>
    public TensorType ValueType { get; init; } = GpuFit.DefaultCacheType;

    /// <summary>The elements that are in layers with a sliding window, and the window; null: each layer keeps all tokens.</summary>
    public GpuFitWindow? Window { get; init; }

    /// <summary>GPUs of a pod; 0: all is in main memory.</summary>
    public int Gpus { get; init; } = 1;

    /// <summary>How the model is divided among GPUs (<c>--tensor-split</c>); null: evenly.</summary>
    public GpuSplit? Split { get; init; }

    /// <summary><c>--n-gpu-layers</c>, where the output counts as one more layer. Null: all.</summary>
    public int? OffloadedLayers { get; init; }

    /// <summary>Tokens that the model knows; 0 if that is unknown.</summary>
    public long VocabularySize { get; init; }

    /// <summary>Width of an embedding; 0 if that is unknown.</summary>
    public long EmbeddingSize { get; init; }
}

/// <summary>Layers that keep no more than a window.</summary>
/// <param name="Tokens">The window.</param>
/// <param name="KeyElements">Elements of keys in such layers, for each token.</param>
/// <param name="ValueElements">The same for values.</param>
internal sealed record GpuFitWindow(long Tokens, long KeyElements, long ValueElements);

/// <summary>The memory that a pod's llama-server takes, in bytes; what does not fit into 63 bits is the largest number.</summary>
/// <param name="WeightsBytes">Weights, wherever they are.</param>
/// <param name="CacheBytes">The KV cache, wherever it is.</param>
/// <param name="OverheadBytes">Buffers for computing, and what the GPU's runtime takes, on all GPUs together.</param>
/// <param name="GpuBytes">What each GPU holds of all that, in their order.</param>
internal sealed record GpuEstimate(long WeightsBytes, long CacheBytes, long OverheadBytes, IReadOnlyList<long> GpuBytes)
{
    /// <summary>All of it, in main memory and on GPUs.</summary>
    public long TotalBytes => GpuFit.Sum(WeightsBytes, CacheBytes, OverheadBytes);

    /// <summary>What the GPU that holds the most needs; 0 without a GPU.</summary>
    public long LargestGpuBytes => GpuBytes.Count == 0 ? 0 : GpuBytes.Max();
}

/// <summary>Estimates what llama-server will take before it runs. The formula and where each constant is from: docs/gpu-memory.md.</summary>
internal static class GpuFit
{
    /// <summary>Tokens that are computed at a time (llama.cpp's default of <c>--ubatch-size</c>).</summary>
    public const int MicroBatch = 512;

    /// <summary>Tokens of a prompt that are taken in at a time (llama.cpp's default of <c>--batch-size</c>), which bounds those that are computed.</summary>
    public const int Batch = 2048;

    /// <summary>Caches have a multiple of so many cells.</summary>
    public const int CellPadding = 256;

    /// <summary>The slots of a server that is not told how many; they draw on one cache.</summary>
    public const int AutomaticSlots = 4;

    /// <summary>What the runtime of a GPU takes on each, before anything is computed.</summary>
    public const long RuntimeBytes = 600L << 20;

    /// <summary>What is alive at once while a layer is computed, in embeddings of 32 bits for each token of a micro-batch.</summary>
    public const int LiveEmbeddings = 24;

    // More than any machine has memory for; sums of what follows from it fit into 128 bits.
    private const long MostTokens = 1L << 40;

    // llama.cpp's --split-mode row divides each matrix, and keeps the cache on the first GPU.
    private const string RowMode = "row";

    /// <summary>How keys and values are kept if nothing is said.</summary>
    public static TensorType DefaultCacheType { get; } = GgufTypes.TensorNamed("f16")!;

    /// <summary>The estimate.</summary>
    public static GpuEstimate Estimate(GpuFitInput input)
    {
        var cells = CellsOf(input);
        var cache = CacheBytes(input, cells);
        var compute = ComputeBytes(input, cells);
        if (input.Gpus == 0) return new(input.WeightsBytes, Clamp(cache), Clamp(compute), []);

        // The output is a layer too, and the first to be put on a GPU.
        var all = input.Layers + 1;
        var offloaded = Math.Clamp(input.OffloadedLayers ?? all, 0, all);
        var weights = Part(input.WeightsBytes, offloaded, all);
        var kept = Part(cache, Math.Max(offloaded - 1, 0), input.Layers);
        var each = compute + RuntimeBytes;
        var shares = input.Split?.Shares ?? [.. Enumerable.Repeat(1, input.Gpus)];
        var sum = Math.Max(shares.Sum(s => (long)s), 1);
        var gpus = shares.Select((share, gpu) => input.Split?.Mode == RowMode
            ? Part(weights, share, sum) + (gpu == 0 ? kept : 0) + each
            // Whole layers go to a GPU: at worst one more than its share.
            : Part(weights + kept, Math.Min(((share * (long)offloaded) + sum - 1) / sum, offloaded), offloaded) + each);
        return new(input.WeightsBytes, Clamp(cache), Clamp(each * shares.Count), [.. gpus.Select(Clamp)]);
    }

    /// <summary>A sum that stays at the largest number.</summary>
    public static long Sum(params ReadOnlySpan<long> terms)
    {
        Int128 sum = 0;
        foreach (var term in terms) sum += term;
        return Clamp(sum);
    }

    // Slots that are told apart have caches of their own, each of an even part of the context.
    private static Cells CellsOf(GpuFitInput input)
    {
        var context = Math.Clamp(input.ContextTokens, 1, MostTokens);
        var batch = Math.Min(input.MicroBatch, context);
        var streams = Math.Max(input.Slots ?? 1, 1);
        var full = Padded(Padded(context) / streams);
        var shared = input.Slots is null ? AutomaticSlots : 1;
        var window = input.Window is { } w ? Padded(Math.Min(full, Clamp(((Int128)w.Tokens * shared) + batch))) : 0;
        return new(full, window, streams);
    }

    private static Int128 CacheBytes(GpuFitInput input, Cells cells)
    {
        var (windowKeys, windowValues) = (input.Window?.KeyElements ?? 0, input.Window?.ValueElements ?? 0);
        var keys = Elements(input.KeyElements, windowKeys, cells);
        var values = Elements(input.ValueElements, windowValues, cells);
        return Packed(keys, input.KeyType) + Packed(values, input.ValueType);
    }

    private static Int128 Elements(long all, long windowed, Cells cells) =>
        ((Int128)(all - windowed) * cells.Full * cells.Streams) + ((Int128)windowed * cells.Window * cells.Streams);

    // Layers come before the output, and use the same memory. The mask of the attention has 16 bits for each token of the batch and each cell.
    // A packed cache is unpacked to 16 bits, a layer at a time.
    private static Int128 ComputeBytes(GpuFitInput input, Cells cells)
    {
        var batch = (Int128)input.MicroBatch * sizeof(float) * Int128.Max((Int128)input.VocabularySize + input.EmbeddingSize, LiveEmbeddings * (Int128)input.EmbeddingSize);
        var mask = (Int128)input.MicroBatch * sizeof(ushort) * (cells.Full + cells.Window);
        var unpacked = (IsPacked(input.KeyType) ? input.KeyElements : 0) + (IsPacked(input.ValueType) ? input.ValueElements : 0);
        return batch + mask + ((Int128)unpacked / Math.Max(input.Layers, 1) * cells.Full * cells.Streams * sizeof(ushort));
    }

    private static bool IsPacked(TensorType type) => type.BlockElements > 1;

    private static Int128 Packed(Int128 elements, TensorType type) => elements / type.BlockElements * type.BlockBytes;

    private static Int128 Part(Int128 bytes, long share, long sum) => sum <= 0 ? 0 : ((bytes * share) + sum - 1) / sum;

    private static long Padded(long cells) => (cells + CellPadding - 1) / CellPadding * CellPadding;

    private static long Clamp(Int128 bytes) => bytes > long.MaxValue ? long.MaxValue : (long)bytes;

    // Cells of each stream, in layers that keep all tokens and in those that keep a window.
    private sealed record Cells(long Full, long Window, int Streams);
}
