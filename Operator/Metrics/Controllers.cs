namespace LlmKube.Operator.Metrics;

/// <summary>The values of the label <c>controller</c>.</summary>
internal static class Controllers
{
    /// <summary>Models.</summary>
    public const string Model = "model";

    /// <summary>InferenceServices.</summary>
    public const string InferenceService = "inferenceservice";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Model, InferenceService];
}
