namespace LlmKube.Operator.Entities;

/// <summary>Formats of model files.</summary>
public static class ModelFormats
{
    /// <summary>llama.cpp's.</summary>
    public const string Gguf = "gguf";
}
