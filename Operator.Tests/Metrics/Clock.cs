using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>Lets the time of a cluster and its operator pass in small steps, and only while the operator has nothing to do: how fast the machine is does not show.</summary>
internal sealed class Clock
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>Scrapes until it is so, and gives that scrape.</summary>
    /// <param name="running">The operator.</param>
    /// <param name="isSo">What is awaited.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="step">How far it passes at once; null: a second.</param>
    public async Task<Scrape> PassUntilAsync(RunningOperator running, Func<Scrape, bool> isSo, string what, TimeSpan? step = null)
    {
        var scrape = await running.SeeAsync(
            s =>
            {
                if (isSo(s)) return true;
                if (IsIdle(s)) Time.Advance(step ?? Step);
                return false;
            },
            what);
        return scrape;
    }

    /// <summary>So long.</summary>
    public async Task PassAsync(RunningOperator running, TimeSpan by, TimeSpan? step = null)
    {
        var end = Time.GetUtcNow() + by;
        await PassUntilAsync(running, s => IsIdle(s) && Time.GetUtcNow() >= end, $"{by} has passed", step);
    }

    private static bool IsIdle(Scrape scrape) => RunningOperator.IsIdle(scrape.Text, "model") && RunningOperator.IsIdle(scrape.Text, "inferenceservice");
}
