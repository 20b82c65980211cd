namespace LlmKube.Operator.Fetching;

/// <summary>What to fetch, where to, and how patiently.</summary>
internal sealed record FetchOptions
{
    /// <summary>The Model's <c>spec.source</c>, as it is.</summary>
    public required string Source { get; init; }

    /// <summary>The artefact's final path.</summary>
    public required string Target { get; init; }

    /// <summary>Where the file of a local source is mounted; null: at its own path.</summary>
    public string? LocalPath { get; init; }

    /// <summary>Failures in a row, without a byte between them, after which this run ends.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>The wait after the first failure; each further one waits twice as long.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries; a server's Retry-After is held to ten times of it.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A server that sends nothing for so long has stalled.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Redirects followed one after the other.</summary>
    public int MaxRedirects { get; init; } = 10;

    /// <summary>How long to wait for another process that writes the same artefact.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two progress lines.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);
}
