namespace LlmKube.Operator.Entities;

/// <summary>The phases of a <see cref="Model"/>.</summary>
public static class ModelPhases
{
    /// <summary>Nothing has begun.</summary>
    public const string Pending = "Pending";

    /// <summary>A remote source is being fetched.</summary>
    public const string Downloading = "Downloading";

    /// <summary>A source on a file system is being copied into the cache, or proved where it lies.</summary>
    public const string Copying = "Copying";

    /// <summary>Complete, proved, and in the cache; or left to the pods, each of which fetches and proves it for itself.</summary>
    public const string Ready = "Ready";

    /// <summary>
    /// The fetch failed for a reason that somebody has to mend. Missing credentials alone are tried again by themselves;
    /// everything else waits for a change of the spec.
    /// </summary>
    public const string Failed = "Failed";

    /// <summary>All of them, in the order of a life.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Downloading, Copying, Ready, Failed];
}
