namespace LlmKube.Operator.Entities;

/// <summary>The programs that serve models.</summary>
public static class Runtimes
{
    /// <summary>llama.cpp's server.</summary>
    public const string LlamaCpp = "llamacpp";
}
