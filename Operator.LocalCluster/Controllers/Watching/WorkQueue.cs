using System.Threading.Channels;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>Keys that want attention: each once, never twice at the same time, later if asked for.</summary>
internal sealed class WorkQueue<TKey>(TimeProvider time) : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    // Invariant, held whenever the gate is free: _ready holds exactly the keys that are dirty and not running.
    private readonly Lock _gate = new();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _running = [];
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly Dictionary<TKey, (long Due, ITimer Timer)> _later = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private bool _disposed;

    public void Add(TKey key)
    {
        lock (_gate)
        {
            if (_dirty.Add(key) && !_running.Contains(key)) _ready.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds the key when the delay is over; of several delays the shortest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_gate)
        {
            if (_disposed) return;
            var due = time.GetUtcNow().Ticks + delay.Ticks;
            if (_later.TryGetValue(key, out var planned))
            {
                if (planned.Due <= due) return;
                planned.Timer.Dispose();
            }

            var timer = time.CreateTimer(_ => OnDue(key, due), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _later[key] = (due, timer);
            timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Adds the key after a failed attempt: the first time at once, then later and later.</summary>
    public void Retry(TKey key)
    {
        int failures;
        lock (_gate) failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        var delay = failures == 1 ? TimeSpan.Zero : FirstRetry * Math.Pow(2, Math.Min(failures - 2, 20));
        AddAfter(key, delay < LastRetry ? delay : LastRetry);
    }

    public void Forget(TKey key)
    {
        lock (_gate) _failures.Remove(key);
    }

    /// <summary>The next key; give it back by <see cref="Done"/>.</summary>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellation)
    {
        var key = await _ready.Reader.ReadAsync(cancellation);
        lock (_gate)
        {
            _dirty.Remove(key);
            _running.Add(key);
        }

        return key;
    }

    public void Done(TKey key)
    {
        lock (_gate)
        {
            _running.Remove(key);
            if (_dirty.Contains(key)) _ready.Writer.TryWrite(key);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var (_, timer) in _later.Values) timer.Dispose();
            _later.Clear();
        }
    }

    private void OnDue(TKey key, long due)
    {
        lock (_gate)
        {
            if (!_later.TryGetValue(key, out var planned) || planned.Due != due) return;
            planned.Timer.Dispose();
            _later.Remove(key);
        }

        Add(key);
    }
}
