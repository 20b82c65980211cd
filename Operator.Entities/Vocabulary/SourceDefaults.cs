namespace LlmKube.Operator.Entities;

/// <summary>Where sources come from unless something else is said.</summary>
public static class SourceDefaults
{
    /// <summary>The Hugging Face Hub.</summary>
    public const string HuggingFaceEndpoint = "https://huggingface.co";
}
