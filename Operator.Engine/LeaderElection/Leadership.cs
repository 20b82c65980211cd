namespace LlmKube.Operator.Engine.LeaderElection;

/// <summary>Whether this process leads. Without an election it always does.</summary>
internal sealed class Leadership(bool isElected, TimeProvider time)
{
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _acquired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the two below. The lease holds until so long after the start of the last renewal that succeeded.
    private readonly Lock _gate = new();
    private long _renewedAt;
    private TimeSpan _holdsFor;

    private long _lastTick = time.GetTimestamp();

    /// <summary>Whether there is an election at all.</summary>
    public bool IsElected => isElected;

    /// <summary>Whether this process leads and its lease has not run out by the monotonic clock.</summary>
    public bool IsLeader
    {
        get
        {
            if (!isElected) return true;
            lock (_gate) return _holdsFor > TimeSpan.Zero && time.GetElapsedTime(_renewedAt) < _holdsFor;
        }
    }

    /// <summary>Whether the elector says that we lead, though the lease may have run out meanwhile.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_gate) return _holdsFor > TimeSpan.Zero;
        }
    }

    /// <summary>How long ago the lease was renewed.</summary>
    public TimeSpan SinceRenewal
    {
        get
        {
            lock (_gate) return time.GetElapsedTime(_renewedAt);
        }
    }

    /// <summary>How long ago the elector did anything, whether this process leads or is a candidate.</summary>
    public TimeSpan SinceTick => time.GetElapsedTime(Volatile.Read(ref _lastTick));

    /// <summary>Ends when this process begins to lead.</summary>
    public Task Acquired => isElected ? _acquired.Task : Task.CompletedTask;

    /// <summary>Ends when this process no longer leads. It never leads again: the process is to be started anew.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The elector's loop goes on.</summary>
    public void Tick() => Volatile.Write(ref _lastTick, time.GetTimestamp());

    /// <summary>Refuses what only the leader may do.</summary>
    /// <exception cref="NotLeaderException">This process does not lead.</exception>
    public void EnsureLeader()
    {
        if (!IsLeader) throw new NotLeaderException();
    }

    /// <summary>The lease was acquired or renewed by a request that was sent at a timestamp.</summary>
    public void Renewed(long at, TimeSpan holdsFor)
    {
        lock (_gate)
        {
            _renewedAt = at;
            _holdsFor = holdsFor;
        }

        _acquired.TrySetResult();
    }

    /// <summary>The lease was lost or given back.</summary>
    public void Ended()
    {
        lock (_gate) _holdsFor = TimeSpan.Zero;
        _lost.TrySetResult();
    }
}
