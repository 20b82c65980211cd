namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>One request that the server has answered, or for a watch: begun to answer.</summary>
/// <param name="User">Who sent it.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection; the lower-case HTTP method for paths that are no resource.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The plural, such as <c>pods</c>.</param>
/// <param name="Subresource">Such as <c>status</c>; empty for the resource itself.</param>
/// <param name="Namespace">Empty for cluster-wide requests.</param>
/// <param name="Name">Empty for lists, watches and creations.</param>
/// <param name="StatusCode">The answer's HTTP status.</param>
/// <param name="DryRun">Nothing was stored.</param>
/// <param name="Path">The path with its query.</param>
public sealed record RequestEntry(
    string User, string Verb, string Group, string Resource, string Subresource, string Namespace, string Name, int StatusCode, bool DryRun, string Path)
{
    /// <summary>Whether the request could change something: a write that was no dry run and was not refused.</summary>
    public bool IsWrite => !DryRun && StatusCode < 400 && Verb is "create" or "update" or "patch" or "delete" or "deletecollection";
}

/// <summary>Every request since the start, in the order of their answers. Safe for use by many at once.</summary>
public sealed class RequestLog
{
    private readonly Lock _gate = new();
    private readonly List<RequestEntry> _entries = [];
    private readonly List<(int From, Func<RequestEntry, bool> Wanted, int Count, TaskCompletionSource Found)> _waiting = [];

    /// <summary>How many requests there are; a mark for <see cref="Since"/>.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>All requests so far.</summary>
    public IReadOnlyList<RequestEntry> All => Since(0);

    /// <summary>The requests after a mark that <see cref="Count"/> gave earlier.</summary>
    public IReadOnlyList<RequestEntry> Since(int mark)
    {
        lock (_gate) return _entries[Math.Min(mark, _entries.Count)..];
    }

    /// <summary>How many requests so far satisfy a condition.</summary>
    public int CountOf(Func<RequestEntry, bool> wanted)
    {
        lock (_gate) return _entries.Count(wanted);
    }

    /// <summary>Waits until so many requests after a mark satisfy a condition.</summary>
    public async Task WaitForAsync(Func<RequestEntry, bool> wanted, int count = 1, int since = 0, CancellationToken cancellation = default)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_entries.Skip(since).Count(wanted) >= count) return;
            _waiting.Add((since, wanted, count, found));
        }

        try
        {
            await found.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate) _waiting.RemoveAll(w => w.Found == found);
        }
    }

    internal void Add(RequestEntry entry)
    {
        lock (_gate)
        {
            _entries.Add(entry);
            foreach (var (from, wanted, count, found) in _waiting)
            {
                if (wanted(entry) && _entries.Skip(from).Count(wanted) >= count) found.TrySetResult();
            }
        }
    }
}
