namespace LlmKube.Operator.Fetching;

/// <summary>Exponential backoff with jitter.</summary>
internal static class Backoff
{
    /// <summary>The wait after so many failures in a row: doubled each time, capped, and then between half and all of it.</summary>
    /// <param name="failures">At least 1.</param>
    /// <param name="first">The wait after the first failure, before jitter.</param>
    /// <param name="longest">The cap.</param>
    /// <param name="roll">A number in [0, 1).</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest, double roll)
    {
        var full = first * Math.Pow(2, Math.Min(failures - 1, 20));
        return (full < longest ? full : longest) * (0.5 + (roll / 2));
    }
}
