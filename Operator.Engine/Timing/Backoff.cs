namespace LlmKube.Operator.Engine.Timing;

/// <summary>Waits that double from <paramref name="First"/> up to <paramref name="Ceiling"/>, the upper half of each by chance.</summary>
/// <param name="First">The longest first wait.</param>
/// <param name="Ceiling">The longest wait at all.</param>
internal sealed record Backoff(TimeSpan First, TimeSpan Ceiling)
{
    /// <summary>How long to wait after so many failures in a row.</summary>
    /// <param name="failures">At least one.</param>
    /// <param name="roll">A number in [0, 1).</param>
    public TimeSpan After(int failures, double roll)
    {
        // 2^40 times the smallest sensible first wait is past every ceiling, and far from overflow.
        var full = First * Math.Pow(2, Math.Min(failures - 1, 40));
        var capped = full < Ceiling ? full : Ceiling;
        return capped * (0.5 + (roll / 2));
    }
}
