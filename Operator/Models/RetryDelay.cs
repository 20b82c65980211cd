using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Models;

/// <summary>
/// When a failed fetch is run again. No counter is kept anywhere: the wait is as long as the trouble has lasted so far, which
/// doubles it from one run to the next, between a floor and a ceiling.
/// </summary>
internal static class RetryDelay
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWithoutCredentials = TimeSpan.FromMinutes(10);

    /// <summary>The time of the next run.</summary>
    /// <param name="failed">The run that failed.</param>
    /// <param name="troubleSince">When the first of the row failed; null: this one.</param>
    /// <param name="modelUid">Spreads Models whose fetches failed at once; the same Model always waits the same.</param>
    public static DateTimeOffset NextRun(FetchState.Failed failed, DateTimeOffset? troubleSince, string modelUid)
    {
        var lasted = failed.At - (troubleSince ?? failed.At);
        var longest = failed.Report.Reason == Reasons.SourceUnauthorized ? LongestWithoutCredentials : Longest;
        var wait = lasted < Shortest ? Shortest : lasted > longest ? longest : lasted;
        return failed.At + (wait * Spread(modelUid));
    }

    // Between 0.75 and 1. FNV-1a, because string.GetHashCode differs from process to process.
    private static double Spread(string uid)
    {
        var hash = 2166136261u;
        foreach (var c in uid) hash = (hash ^ c) * 16777619u;
        return 0.75 + ((hash % 1000) / 4000.0);
    }
}
