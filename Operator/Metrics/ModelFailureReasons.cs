using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Metrics;

/// <summary>The reasons of a Model's condition Degraded.</summary>
internal static class ModelFailureReasons
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Reasons.InvalidSpec, Reasons.Failed, Reasons.DownloadFailed, Reasons.CopyFailed, Reasons.SourceNotFound, Reasons.SourceUnauthorized, Reasons.SourceUntrusted,
        Reasons.SourceUnreachable, Reasons.SourceNotAllowed, Reasons.SourceStalled, Reasons.LengthMismatch, Reasons.NotGguf, Reasons.OutOfSpace, Reasons.CacheUnusable,
        Reasons.CacheBusy, Reasons.Interrupted, Reasons.ChecksumMismatch, Reasons.CacheVolumeUnbindable, Reasons.CacheSingleNode, Reasons.PodCreationFailed,
        Reasons.NameConflict,
    ];

    /// <summary>The reason itself, or Failed for one of other words: it comes from a pod, and must not make series at will.</summary>
    public static string Known(string reason) => All.Contains(reason) ? reason : Reasons.Failed;
}
