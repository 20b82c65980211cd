using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>What to fetch, where to, and how patiently.</summary>
internal sealed record FetchOptions
{
    /// <summary>The Model's <c>spec.source</c>, as it is.</summary>
    public required string Source { get; init; }

    /// <summary>The artefact's final path.</summary>
    public required string Target { get; init; }

    /// <summary>The Model's <c>spec.files</c>: what is wanted of a source that names no file itself.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The hashes of which the artefact must have one, in 64 lower case hexadecimal digits; none: any will do.</summary>
    public IReadOnlyList<string> ExpectedSha256 { get; init; } = [];

    /// <summary>The folder that the Secret with the source's credentials is mounted at; null: there is none.</summary>
    public string? CredentialsFolder { get; init; }

    /// <summary>The folder with PEM files of authorities that are trusted beside the system's own; null: there is none.</summary>
    public string? AuthoritiesFolder { get; init; }

    /// <summary>Hosts, addresses and CIDR blocks that may be connected to although they are not public.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>The Hugging Face Hub, or what stands in for it.</summary>
    public Uri HuggingFaceEndpoint { get; init; } = new(SourceDefaults.HuggingFaceEndpoint);

    /// <summary>True: the source is proved where it lies, and nothing is written beside it.</summary>
    public bool VerifyOnly { get; init; }

    /// <summary>True: only the header is read, and nothing is written.</summary>
    public bool HeaderOnly { get; init; }

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
