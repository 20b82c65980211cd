using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Failures of the cache volume, told apart.</summary>
internal static class DiskFailure
{
    // errno: ENOSPC, EDQUOT, EFBIG.
    private const int TooLarge = 27;
    private static readonly int[] Full = [28, 122, TooLarge];

    /// <summary>The same as the other ones, of what .NET makes of EFBIG when it writes.</summary>
    public static IOException TooLargeAFile(ArgumentOutOfRangeException e) => new("it takes no file that large", e) { HResult = TooLarge };

    /// <summary>The failure that the user is told.</summary>
    public static FetchFailure Of(Exception e) => Full.Contains(e.HResult & 0xFFFF)
        ? new FetchFailure(Reasons.OutOfSpace, $"the cache volume is full: {e.Message}", TryAgain.Later, e)
        : new FetchFailure(Reasons.CacheUnusable, $"the cache volume can't be used: {e.Message}", TryAgain.Later, e);
}
