using System.Diagnostics.CodeAnalysis;
using LlmKube.Operator.Engine.Timing;

namespace LlmKube.Operator.Engine.Queue;

/// <summary>
/// Keys that need work. A key is handed to one worker at a time; added while it is being worked on, it is handed out once more
/// afterwards. It can be added for later; of several times the earliest counts. The design is client-go's.
/// </summary>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : struct, IEquatable<TKey>
{
    /// <summary>How long a key that keeps failing waits.</summary>
    public static readonly Backoff DefaultBackoff = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(5));

    // To look once a year at what was to wait for ever does no harm; a timestamp that overflows is due at once, again and again.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(365);

    // Invariant, held whenever _gate is free: _ready lists exactly the keys that are dirty and not running, each once, and _available
    // has been released exactly once for each. So a key never runs twice at once, and a change seen mid-run is not lost.
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, (long Since, Trigger Trigger)> _dirty = [];
    private readonly Dictionary<TKey, long> _running = []; // -> since when
    private readonly Queue<TKey> _ready = [];
    private readonly SemaphoreSlim _available = new(0);

    // _later tells when each waiting key is due. _agenda may also list times that no longer count; they are skipped.
    private readonly Dictionary<TKey, (long Due, Trigger Trigger)> _later = [];
    private readonly PriorityQueue<TKey, long> _agenda = new();
    private readonly ITimer _alarm;
    private long _alarmAt = long.MaxValue;

    private readonly Dictionary<TKey, int> _failures = [];

    private readonly TimeProvider _time;
    private readonly Dice _dice;
    private readonly Backoff _backoff;
    private readonly IWorkQueueObserver? _observer;
    private bool _isClosed;

    public WorkQueue(TimeProvider time, Dice dice, Backoff? backoff = null, IWorkQueueObserver? observer = null)
    {
        _time = time;
        _dice = dice;
        _backoff = backoff ?? DefaultBackoff;
        _observer = observer;
        _alarm = time.CreateTimer(static self => ((WorkQueue<TKey>)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a key.</summary>
    /// <returns>False if the queue is closed.</returns>
    public bool Add(TKey key, Trigger trigger = Trigger.Watch)
    {
        lock (_gate) return AddNow(key, trigger);
    }

    /// <summary>Adds a key when some time has passed, or earlier if that was asked for already.</summary>
    /// <returns>False if the queue is closed.</returns>
    public bool AddAfter(TKey key, TimeSpan delay, Trigger trigger = Trigger.Requeue)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            _observer?.Retried();
            if (delay <= TimeSpan.Zero) return AddNow(key, trigger);
            Schedule(key, delay, trigger);
            return true;
        }
    }

    /// <summary>Adds a key that failed; the more often in a row, the later.</summary>
    /// <returns>How long it waits.</returns>
    public TimeSpan Retry(TKey key, Trigger trigger = Trigger.Retry)
    {
        lock (_gate)
        {
            var failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
            var delay = _backoff.After(failures, _dice.Roll());
            _observer?.Retried();
            if (!_isClosed) Schedule(key, delay, trigger);
            return delay;
        }
    }

    /// <summary>A key did well: its next failure is the first.</summary>
    public void Forget(TKey key)
    {
        lock (_gate) _failures.Remove(key);
    }

    /// <summary>Waits for a key. Who takes it must call <see cref="Done"/>.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask<WorkItem<TKey>> TakeAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken);
        lock (_gate)
        {
            var key = _ready.Dequeue();
            var now = _time.GetTimestamp();
            _dirty.Remove(key, out var added);
            _running.Add(key, now);
            var waited = _time.GetElapsedTime(added.Since, now);
            _observer?.DepthChanged(_ready.Count);
            _observer?.Taken(waited);
            return new(key, added.Trigger, waited);
        }
    }

    /// <summary>Work on a key has ended.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (!_running.Remove(key, out var since)) return;
            _observer?.Finished(_time.GetElapsedTime(since));
            if (_dirty.ContainsKey(key)) MakeReady(key);
        }
    }

    /// <summary>Takes no more keys. Those that are waiting stay, for nobody.</summary>
    public void Close()
    {
        lock (_gate) _isClosed = true;
    }

    /// <summary>How long running work has taken so far: all of it together, and the longest.</summary>
    public (TimeSpan Total, TimeSpan Longest) Unfinished()
    {
        lock (_gate)
        {
            var (total, longest) = (TimeSpan.Zero, TimeSpan.Zero);
            foreach (var since in _running.Values)
            {
                var took = _time.GetElapsedTime(since);
                total += took;
                if (took > longest) longest = took;
            }

            return (total, longest);
        }
    }

    public void Dispose()
    {
        Close();
        _alarm.Dispose();
        _available.Dispose();
    }

    private bool AddNow(TKey key, Trigger trigger)
    {
        if (_isClosed) return false;
        if (!_dirty.TryAdd(key, (_time.GetTimestamp(), trigger))) return true;
        _observer?.Added();
        if (!_running.ContainsKey(key)) MakeReady(key);
        return true;
    }

    private void MakeReady(TKey key)
    {
        _ready.Enqueue(key);
        _observer?.DepthChanged(_ready.Count);
        _available.Release();
    }

    private void Schedule(TKey key, TimeSpan delay, Trigger trigger)
    {
        var due = _time.GetTimestamp() + ToTimestamp(delay < LongestDelay ? delay : LongestDelay);
        if (_later.TryGetValue(key, out var before) && before.Due <= due) return;
        _later[key] = (due, trigger);
        _agenda.Enqueue(key, due);
        if (due < _alarmAt) SetAlarm(due);
    }

    private void Ring()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            var now = _time.GetTimestamp();
            while (TryPeekAgenda(out var key, out var due))
            {
                if (due > now)
                {
                    SetAlarm(due);
                    return;
                }

                _agenda.Dequeue();
                _later.Remove(key, out var waiting);
                AddNow(key, waiting.Trigger);
            }

            _alarmAt = long.MaxValue;
        }
    }

    // The next time on the agenda that still counts.
    private bool TryPeekAgenda([MaybeNullWhen(false)] out TKey key, out long due)
    {
        while (_agenda.TryPeek(out key, out due))
        {
            if (_later.TryGetValue(key, out var counts) && counts.Due == due) return true;
            _agenda.Dequeue();
        }

        return false;
    }

    private void SetAlarm(long due)
    {
        _alarmAt = due;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);

        // Up to the next millisecond, since timers cut fractions off and would ring just too early, and again.
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, uint.MaxValue - 1);
        _alarm.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private long ToTimestamp(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
