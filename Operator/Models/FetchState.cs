using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>What keeps a fetch from beginning, if it lasts.</summary>
/// <param name="Reason">A condition's reason.</param>
/// <param name="Message">For the user: the same for as long as the cause is.</param>
/// <param name="Since">Since when.</param>
internal sealed record WaitObstacle(string Reason, string Message, DateTimeOffset Since)
{
    /// <summary>How long it is no matter: a volume takes its time to come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
}

/// <summary>What a fetch Job has come to: a closed list.</summary>
internal abstract record FetchState
{
    private FetchState() { }

    /// <summary>There is no Job.</summary>
    public sealed record None : FetchState;

    /// <summary>A Job of the name exists that is not ours.</summary>
    public sealed record Foreign : FetchState;

    /// <summary>The Job was made for another cache claim than there is: whatever it comes to says nothing of this one.</summary>
    public sealed record Elsewhere : FetchState;

    /// <summary>The Job is on its way out.</summary>
    public sealed record Going : FetchState;

    /// <summary>The Job takes the artefact out of the cache.</summary>
    /// <param name="State">What it has come to; one that ended well has no report of a file.</param>
    public sealed record Removing(FetchState State) : FetchState;

    /// <summary>No byte can flow yet.</summary>
    /// <param name="Why">The scheduler's, the node's or the Job controller's words; empty if there are none yet.</param>
    /// <param name="Obstacle">What stands in the way, if waiting for long is the user's business.</param>
    public sealed record Waiting(string Why, WaitObstacle? Obstacle = null) : FetchState;

    /// <summary>The program runs.</summary>
    public sealed record Running : FetchState;

    /// <summary>The artefact is in its place.</summary>
    /// <param name="Report">What the program said of it.</param>
    public sealed record Succeeded(FetchReport Report) : FetchState;

    /// <summary>This run failed.</summary>
    /// <param name="Report">What the program said; in our words where it could say nothing.</param>
    /// <param name="At">When.</param>
    public sealed record Failed(FetchReport Report, DateTimeOffset At) : FetchState;

    /// <summary>The Job has ended well and its pod, which would say with what, is not there.</summary>
    /// <param name="At">When it ended.</param>
    public sealed record ResultMissing(DateTimeOffset At) : FetchState;
}
