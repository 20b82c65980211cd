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
        TensorCount = header.TensorCount,
        FileVersion = header.FileVersion,
        License = header.License,
    };
}
