using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>What the facts amount to: the phase and why.</summary>
/// <param name="Phase">One of <see cref="InferenceServicePhases"/>.</param>
/// <param name="Reason">The reason of the condition Progressing.</param>
/// <param name="Message">For the user.</param>
internal sealed record Verdict(string Phase, string Reason, string Message)
{
    /// <summary>What failed; null: nothing.</summary>
    public PodTrouble? Trouble { get; init; }

    /// <summary>What is to be told of pods that the operator's own version or options ask for; null: nothing.</summary>
    public PodTrouble? Upgrade { get; init; }

    /// <summary>Which object of someone else's is in the way; null: none.</summary>
    public string? Conflict { get; init; }

    /// <summary>True if nothing moves until the user does something.</summary>
    public bool IsStuck { get; init; }

    /// <summary>True if this is no stage of a rollout: the service can't have one yet.</summary>
    public bool IsObstacle { get; init; }

    /// <summary>True if an agent outside the cluster serves.</summary>
    public bool IsExternal { get; init; }
}
