namespace LlmKube.Operator.Fetching;

/// <summary>Why a fetch failed: the reasons of a Model's condition Degraded and of its Events.</summary>
internal static class FetchReasons
{
    /// <summary>The source does not exist (404, 410, no such file).</summary>
    public const string SourceNotFound = "SourceNotFound";

    /// <summary>The source wants credentials that it did not get (401, 403, 407, no read permission).</summary>
    public const string SourceUnauthorized = "SourceUnauthorized";

    /// <summary>The server's certificate is not trusted, or TLS failed.</summary>
    public const string SourceUntrusted = "SourceUntrusted";

    /// <summary>No answer, or not one that a fetch can go on with.</summary>
    public const string SourceUnreachable = "SourceUnreachable";

    /// <summary>The operator's configuration forbids the source, or a redirect leads where none may.</summary>
    public const string SourceNotAllowed = "SourceNotAllowed";

    /// <summary>The server went silent in the middle of an answer.</summary>
    public const string SourceStalled = "SourceStalled";

    /// <summary>The source has another length than it announced.</summary>
    public const string LengthMismatch = "LengthMismatch";

    /// <summary>The file is not a GGUF file, or an incomplete one.</summary>
    public const string NotGguf = "NotGguf";

    /// <summary>The cache volume has no room for the file.</summary>
    public const string OutOfSpace = "OutOfSpace";

    /// <summary>The cache volume can't be written or read.</summary>
    public const string CacheUnusable = "CacheUnusable";

    /// <summary>Another process writes the same artefact and did not end in time.</summary>
    public const string CacheBusy = "CacheBusy";

    /// <summary>The fetch was told to stop before it was done.</summary>
    public const string Interrupted = "Interrupted";

    /// <summary>True for a reason that only a change of the source or of the spec mends.</summary>
    public static bool IsTerminal(string? reason) => reason is SourceNotFound or LengthMismatch or NotGguf;
}
