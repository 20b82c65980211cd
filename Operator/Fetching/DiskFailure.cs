using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Failures of the cache volume, told apart.</summary>
internal static class DiskFailure
{
    // errno: ENOSPC, EDQUOT, EFBIG.
    private static readonly int[] Full = [28, 122, 27];

    /// <summary>The failure that the user is told.</summary>
    public static FetchFailure Of(Exception e) => Full.Contains(e.HResult & 0xFFFF)
        ? new FetchFailure(Reasons.OutOfSpace, $"the cache volume is full: {e.Message}", TryAgain.Later, e)
        : new FetchFailure(Reasons.CacheUnusable, $"the cache volume can't be used: {e.Message}", TryAgain.Later, e);
}
