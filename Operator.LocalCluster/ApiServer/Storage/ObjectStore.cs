using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Storage;

/// <summary>
/// All objects in memory, under one revision that every write raises, with the recent history of each resource.
/// Writers prove what they based a write on; a lost race is theirs to handle.
/// </summary>
internal sealed class ObjectStore(int history)
{
    // Invariant, held whenever _gate is free: every table's contents are those after the last change of its
    // history, and each of its subscriptions has been given exactly the changes since it began.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Table> _tables = new(StringComparer.Ordinal);
    private long _revision = 1;
    private long _compacted;

    /// <summary>The revision of the last write that all subscriptions have been given.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public StoredObject? Find(string table, string key) =>
        Current(table).Contents.TryGetValue(StoredObject.Probe(key), out var found) ? found : null;

    /// <summary>All objects of a resource, and the revision at which that is so.</summary>
    public Snapshot Current(string table)
    {
        lock (_gate) return new(_revision, Of(table).Contents);
    }

    /// <summary>All objects of a resource as they were at a revision; null if the history doesn't reach back that far.</summary>
    public Snapshot? At(string table, long revision)
    {
        lock (_gate)
        {
            var of = Of(table);
            if (revision < of.Compacted) return null;
            return new(revision, of.ContentsAt(revision));
        }
    }

    /// <summary>Writes the first version of an object; null if the key is taken.</summary>
    public StoredObject? Create(string table, string key, JsonObject content) => Write(content, prepared =>
    {
        var of = Of(table);
        if (of.Contents.Contains(StoredObject.Probe(key))) return null;
        var created = new StoredObject(key, _revision + 1, prepared);
        Commit(of, new(created.Revision, null, created, false, of.Contents.Add(created)));
        return created;
    });

    /// <summary>Replaces the version that the writer has seen; null if that is no longer the current one.</summary>
    public StoredObject? Replace(string table, StoredObject seen, JsonObject content) => Write(content, prepared =>
    {
        var of = Of(table);
        if (!of.IsCurrent(seen)) return null;
        var next = new StoredObject(seen.Key, _revision + 1, prepared);
        Commit(of, new(next.Revision, seen, next, false, of.Contents.Remove(seen).Add(next)));
        return next;
    });

    /// <summary>Removes the version that the writer has seen; null if that is no longer the current one.</summary>
    /// <param name="last">The content to show for the last time; that of <paramref name="seen"/> if null.</param>
    public StoredObject? Remove(string table, StoredObject seen, JsonObject? last = null) => Write(last ?? seen.Json, prepared =>
    {
        var of = Of(table);
        if (!of.IsCurrent(seen)) return null;
        var gone = new StoredObject(seen.Key, _revision + 1, prepared);
        Commit(of, new(gone.Revision, seen, gone, true, of.Contents.Remove(seen)));
        return gone;
    });

    /// <summary>
    /// Follows a resource from a revision on: first the changes since, then those to come. Null if the history
    /// doesn't reach back that far.
    /// </summary>
    public Subscription? Subscribe(string table, long revision)
    {
        lock (_gate)
        {
            var of = Of(table);
            return revision < of.Compacted ? null : of.Subscribe(revision);
        }
    }

    /// <summary>The contents now, and every change from then on.</summary>
    public (Snapshot Snapshot, Subscription Subscription) SubscribeNow(string table)
    {
        lock (_gate)
        {
            var of = Of(table);
            return (new(_revision, of.Contents), of.Subscribe(_revision));
        }
    }

    /// <summary>Ends what follows a resource: nobody serves it any more.</summary>
    public void End(string table)
    {
        lock (_gate) Of(table).End();
    }

    /// <summary>Forgets all history: whoever asks for an older revision than the present is told that it is gone.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            foreach (var table in _tables.Values) table.Compact(_revision);
            _compacted = _revision;
        }
    }

    // All that takes long is done before and after: everybody waits at the gate.
    private StoredObject? Write(JsonObject content, Func<JsonObject, StoredObject?> write)
    {
        var prepared = StoredObject.Prepared(content);
        StoredObject? written;
        lock (_gate) written = write(prepared);
        _ = written?.Utf8;
        return written;
    }

    private void Commit(Table of, Change change)
    {
        of.Commit(change, history);
        Volatile.Write(ref _revision, change.Revision);
    }

    private Table Of(string name)
    {
        if (_tables.TryGetValue(name, out var table)) return table;
        return _tables[name] = new Table(_compacted);
    }

    private sealed class Table(long compacted)
    {
        private readonly Queue<Change> _history = new();
        private readonly List<Subscription> _subscriptions = [];
        private ImmutableSortedSet<StoredObject> _before = ImmutableSortedSet.Create<StoredObject>(StoredObject.ByKey.Instance);

        public ImmutableSortedSet<StoredObject> Contents { get; private set; } = ImmutableSortedSet.Create<StoredObject>(StoredObject.ByKey.Instance);

        /// <summary>The oldest revision that can still be told.</summary>
        public long Compacted { get; private set; } = compacted;

        public bool IsCurrent(StoredObject seen) => Contents.TryGetValue(seen, out var current) && current.Revision == seen.Revision;

        public ImmutableSortedSet<StoredObject> ContentsAt(long revision)
        {
            var contents = _before;
            foreach (var change in _history)
            {
                if (change.Revision > revision) break;
                contents = change.Contents;
            }

            return contents;
        }

        public void Commit(Change change, int history)
        {
            Contents = change.Contents;
            change.Before?.Outdate();
            if (change.Deleted) change.After.Outdate();
            _history.Enqueue(change);
            while (_history.Count > history) Forget();
            _subscriptions.RemoveAll(s => !s.Offer(change));
        }

        public Subscription Subscribe(long revision)
        {
            var subscription = new Subscription();
            foreach (var change in _history)
            {
                if (change.Revision > revision) subscription.Offer(change);
            }

            _subscriptions.Add(subscription);
            return subscription;
        }

        public void End()
        {
            _subscriptions.ForEach(s => s.Dispose());
            _subscriptions.Clear();
        }

        public void Compact(long revision)
        {
            while (_history.Count > 0) Forget();
            Compacted = revision;
        }

        private void Forget()
        {
            var oldest = _history.Dequeue();
            _before = oldest.Contents;
            Compacted = oldest.Revision;
        }
    }
}
