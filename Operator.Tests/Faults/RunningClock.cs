using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>A clock that goes with the machine's, and can be put forward.</summary>
internal sealed class RunningClock : FakeTimeProvider, IAsyncDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningClock()
        : base(System.GetUtcNow()) => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var beats = new PeriodicTimer(s_beat, System);
        var last = System.GetTimestamp();
        try
        {
            while (await beats.WaitForNextTickAsync(_stop.Token))
            {
                var now = System.GetTimestamp();
                Advance(System.GetElapsedTime(last, now));
                last = now;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It has run long enough.
        }
    }
}
