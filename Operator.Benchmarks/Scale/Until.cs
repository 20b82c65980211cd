using System.Diagnostics;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Waits for what is to come.</summary>
internal static class Until
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until something holds.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="what">What is waited for, in the words of a complaint.</param>
    /// <param name="patience">For how long at most.</param>
    /// <param name="every">How often to look; null: every ten milliseconds.</param>
    /// <returns>When it was seen to hold, as a timestamp.</returns>
    /// <exception cref="TimeoutException">It does not come to hold.</exception>
    public static async Task<long> TrueAsync(Func<Task<bool>> holds, string what, TimeSpan patience, TimeSpan? every = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start) > patience) throw new TimeoutException($"Not within {patience}: {what}");
            await Task.Delay(every ?? Often, TimeProvider.System);
        }

        return Stopwatch.GetTimestamp();
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string, TimeSpan, TimeSpan?)"/>
    public static Task<long> TrueAsync(Func<bool> holds, string what, TimeSpan patience, TimeSpan? every = null) =>
        TrueAsync(() => Task.FromResult(holds()), what, patience, every);
}
