namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>
/// The requests since the start, in the order of their answers. Only the newest are kept (<see cref="ApiServerOptions.RequestsKept"/>);
/// a question that takes one that is not is refused rather than answered wrongly. Safe for use by many at once.
/// </summary>
public sealed class RequestLog
{
    // Invariant, held whenever _gate is free: _entries are the newest of all requests, and _dropped more came before them.
    private readonly Lock _gate = new();
    private readonly List<RequestEntry> _entries = [];
    private readonly List<Waiter> _waiting = [];
    private readonly int _kept;
    private int _dropped;

    internal RequestLog(int kept) => _kept = kept;

    /// <summary>How many requests there have been, kept or not; a mark for <see cref="Since"/>.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _dropped + _entries.Count;
        }
    }

    /// <summary>All requests so far.</summary>
    /// <exception cref="InvalidOperationException">Some of them are not kept.</exception>
    public IReadOnlyList<RequestEntry> All => Since(0);

    /// <summary>The requests after a mark that <see cref="Count"/> gave earlier.</summary>
    /// <exception cref="InvalidOperationException">Some of them are not kept.</exception>
    public IReadOnlyList<RequestEntry> Since(int mark)
    {
        lock (_gate) return _entries[IndexOf(mark)..];
    }

    /// <summary>How many requests so far, or after a mark, satisfy a condition.</summary>
    /// <exception cref="InvalidOperationException">Some of them are not kept.</exception>
    public int CountOf(Func<RequestEntry, bool> wanted, int since = 0)
    {
        lock (_gate) return _entries.Skip(IndexOf(since)).Count(wanted);
    }

    /// <summary>Waits until so many requests after a mark satisfy a condition.</summary>
    /// <exception cref="InvalidOperationException">Some of those that there have been are not kept.</exception>
    public async Task WaitForAsync(Func<RequestEntry, bool> wanted, int count = 1, int since = 0, CancellationToken cancellation = default)
    {
        Waiter waiter;
        lock (_gate)
        {
            var missing = count - _entries.Skip(IndexOf(since)).Count(wanted);
            if (missing <= 0) return;
            waiter = new(wanted, missing);
            _waiting.Add(waiter);
        }

        try
        {
            await waiter.Found.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate) _waiting.Remove(waiter);
        }
    }

    internal void Add(RequestEntry entry)
    {
        lock (_gate)
        {
            _entries.Add(entry);
            foreach (var waiter in _waiting) waiter.See(entry);

            // Twice as many are let stand, so that making room costs little for each request.
            if (_entries.Count <= 2L * _kept) return;
            var surplus = _entries.Count - _kept;
            _entries.RemoveRange(0, surplus);
            _dropped += surplus;
        }
    }

    private int IndexOf(int mark) => mark >= _dropped
        ? Math.Min(mark - _dropped, _entries.Count)
        : throw new InvalidOperationException(
            $"The requests after mark {mark} are asked for, but the oldest that is kept comes after mark {_dropped}. Ask from a later mark, or raise {nameof(ApiServerOptions)}.{nameof(ApiServerOptions.RequestsKept)} (now {_kept}).");

    private sealed class Waiter(Func<RequestEntry, bool> wanted, int missing)
    {
        private readonly TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _missing = missing;

        public Task Found => _found.Task;

        public void See(RequestEntry entry)
        {
            if (wanted(entry) && --_missing == 0) _found.SetResult();
        }
    }
}
