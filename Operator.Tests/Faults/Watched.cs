namespace LlmKube.Operator.Tests.Faults;

/// <summary>What an operator watches.</summary>
internal static class Watched
{
    /// <summary>Models, InferenceServices, and six kinds of children.</summary>
    public static readonly string[] All =
        ["models", "inferenceservices", "deployments", "services", "persistentvolumeclaims", "poddisruptionbudgets", "jobs", "pods"];
}
