namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>One line of a log and when it came.</summary>
internal readonly record struct LogLine(DateTimeOffset At, string Text);

/// <summary>The log of one container: its current run and the one before.</summary>
internal sealed class ContainerLog(int largest)
{
    // Invariant: _signal is completed and replaced whenever there is more to read or the log ends.
    private readonly Lock _gate = new();
    private List<LogLine> _lines = [];
    private List<LogLine>? _previous;
    private string _unfinished = "";
    private long _size;
    private bool _closed;
    private TaskCompletionSource _signal = New();

    public bool HasPrevious
    {
        get
        {
            lock (_gate) return _previous is not null;
        }
    }

    /// <summary>Adds text; lines end with a newline, and one that hasn't ended yet waits for its rest.</summary>
    public void Append(string text, DateTimeOffset now)
    {
        lock (_gate)
        {
            var parts = (_unfinished + text).Split('\n');
            _unfinished = parts[^1];
            foreach (var line in parts[..^1])
            {
                _size += line.Length + 1;
                // A log that grows without end keeps its beginning, so that readers' positions stay true.
                if (_size <= largest) _lines.Add(new(now, line));
            }

            Signal();
        }
    }

    /// <summary>The container starts again: what there is becomes the previous log.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            if (_lines.Count > 0 || _unfinished.Length > 0) _previous = [.. _lines, .. _unfinished.Length > 0 ? [new LogLine(default, _unfinished)] : Array.Empty<LogLine>()];
            (_lines, _unfinished, _size) = ([], "", 0);
            Signal();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Signal();
        }
    }

    public IReadOnlyList<LogLine> Lines(bool previous, int from, out int next)
    {
        lock (_gate)
        {
            var lines = previous ? _previous ?? [] : _lines;
            next = lines.Count;
            return from < lines.Count ? lines[from..] : [];
        }
    }

    /// <summary>Waits until there are more lines than a reader has; false when there will be none.</summary>
    public async Task<bool> ChangedAsync(int seen, CancellationToken cancellation)
    {
        while (true)
        {
            Task signal;
            lock (_gate)
            {
                if (_lines.Count > seen) return true;
                if (_closed || _lines.Count < seen) return false;
                signal = _signal.Task;
            }

            await signal.WaitAsync(cancellation);
        }
    }

    private void Signal()
    {
        _signal.TrySetResult();
        _signal = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
