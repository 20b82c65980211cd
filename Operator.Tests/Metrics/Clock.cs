using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>Lets the time of a cluster and its operators pass, in small steps, each given a moment to have its effect.</summary>
internal sealed class Clock
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>Until it is so.</summary>
    public async Task PassUntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (!await isSo())
        {
            Assert.That(patience.IsCancellationRequested, Is.False, what);
            await StepAsync();
        }
    }

    /// <summary>So long.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += Step) await StepAsync();
    }

    private async Task StepAsync()
    {
        Time.Advance(Step);
        await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
    }
}
