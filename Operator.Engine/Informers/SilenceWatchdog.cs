namespace LlmKube.Operator.Engine.Informers;

/// <summary>Cancels its token when nothing was heard for too long.</summary>
internal sealed class SilenceWatchdog : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _silence = new();
    private readonly ITimer _timer;
    private long _lastHeard;

    public SilenceWatchdog(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _time = time;
        _lastHeard = time.GetTimestamp();
        _timer = time.CreateTimer(static self => ((SilenceWatchdog)self!).Look(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the limit has passed in silence.</summary>
    public CancellationToken Token => _silence.Token;

    /// <summary>Something was heard. Cheap: the timer looks for itself when it comes round.</summary>
    public void Heard() => Volatile.Write(ref _lastHeard, _time.GetTimestamp());

    public void Dispose()
    {
        // The source stays undisposed: the timer may be looking just now, and it has no timer or handle of its own.
        _timer.Dispose();
    }

    private void Look()
    {
        var quiet = _time.GetElapsedTime(Volatile.Read(ref _lastHeard));
        if (quiet >= _limit) _silence.Cancel();
        else _timer.Change(_limit - quiet, Timeout.InfiniteTimeSpan);
    }
}
