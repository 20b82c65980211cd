namespace LlmKube.Operator.Fetching;

/// <summary>Exit codes of the verb <c>download</c>.</summary>
internal static class ExitCodes
{
    /// <summary>The artefact is in its place.</summary>
    public const int Complete = 0;

    /// <summary>Failed; another run may succeed.</summary>
    public const int TryLater = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Failed until the source or the spec changes.</summary>
    public const int Terminal = 3;

    /// <summary>Stopped by a signal; what has come stays.</summary>
    public const int Interrupted = 143;
}
