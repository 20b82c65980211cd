using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>When trying again makes sense.</summary>
internal enum TryAgain
{
    /// <summary>In this run, after a short wait, going on where it stopped.</summary>
    Soon,

    /// <summary>In a later run.</summary>
    Later,

    /// <summary>Only when the source or the Model's spec has changed.</summary>
    WhenChanged,
}

/// <summary>A fetch failed for a reason that the user can be told.</summary>
/// <param name="reason">One of <see cref="Reasons"/>.</param>
/// <param name="message">What happened, in the server's words where it gave any; without secrets.</param>
/// <param name="tryAgain">When trying again makes sense.</param>
/// <param name="cause">What lies beneath.</param>
internal sealed class FetchFailure(string reason, string message, TryAgain tryAgain, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="Reasons"/>.</summary>
    public string Reason { get; } = reason;

    /// <summary>When trying again makes sense.</summary>
    public TryAgain TryAgain { get; } = tryAgain;

    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
