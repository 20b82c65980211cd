using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>A header in the words of the API.</summary>
internal static class GgufSummary
{
    /// <summary>What <c>status.gguf</c> shows of a header.</summary>
    public static GgufMetadata Of(GgufHeader header) => new()
    {
        Architecture = header.Architecture,
        ModelName = header.Name,
        Quantization = header.Quantization,
        ContextLength = header.ContextLength,
        EmbeddingSize = header.EmbeddingSize,
        LayerCount = header.LayerCount,
        HeadCount = header.HeadCount,
        HeadCountKV = header.KeyValueHeadCount,
        KeyLength = header.KeyLength,
        ValueLength = header.ValueLength,
        KeyCacheElements = header.KeyCacheElements,
        ValueCacheElements = header.ValueCacheElements,
        SlidingWindow = HasWindow(header) ? header.SlidingWindow : null,
        WindowKeyCacheElements = HasWindow(header) ? header.KeyWindowElements : null,
        WindowValueCacheElements = HasWindow(header) ? header.ValueWindowElements : null,
        VocabSize = header.VocabularySize,
        TensorCount = header.TensorCount,
        FileVersion = header.FileVersion,
        License = header.License,
    };

    // Files of other models name a window, too, which no layer uses.
    private static bool HasWindow(GgufHeader header) => header.KeyWindowElements > 0 || header.ValueWindowElements > 0;
}
