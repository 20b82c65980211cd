namespace LlmKube.Operator.Entities;

/// <summary>The phases of an <see cref="InferenceService"/>.</summary>
public static class InferenceServicePhases
{
    /// <summary>Waits for its Model.</summary>
    public const string Pending = "Pending";

    /// <summary>The first pods start.</summary>
    public const string Creating = "Creating";

    /// <summary>Pods are being replaced or added while others serve.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Pods wait for a GPU.</summary>
    public const string WaitingForGPU = "WaitingForGPU";

    /// <summary>Every wanted pod serves the current spec.</summary>
    public const string Ready = "Ready";

    /// <summary>Zero replicas are wanted and none is left.</summary>
    public const string Stopped = "Stopped";

    /// <summary>The service cannot come up; the condition Degraded says why.</summary>
    public const string Failed = "Failed";

    /// <summary>All of them, in the order of a life.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Creating, Progressing, WaitingForGPU, Ready, Stopped, Failed];
}
