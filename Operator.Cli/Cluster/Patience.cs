using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>Waits for what a cluster does by itself, up to a time.</summary>
/// <param name="time">The clock.</param>
/// <param name="limit">How long each wait may take.</param>
internal sealed class Patience(TimeProvider time, TimeSpan limit)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(5);

    /// <summary>Asks again and again until nothing is in the way, the longer it takes the more seldom.</summary>
    /// <param name="obstacle">What is in the way; null: nothing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CliException">It still was when the time was up.</exception>
    public async Task WaitAsync(Func<Task<string?>> obstacle, CancellationToken cancellation)
    {
        var (start, pause) = (time.GetTimestamp(), First);
        while (await obstacle() is { } problem)
        {
            if (time.GetElapsedTime(start) > limit) throw new CliException($"{problem}; waited {limit.TotalSeconds:0} s");
            await Task.Delay(pause, time, cancellation);
            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }
}
