using System.Threading.Channels;

namespace LlmKube.Operator.LocalCluster.ApiServer.Storage;

/// <summary>The changes of one resource for one watcher. A watcher that falls far behind is cut off, as a real API server does.</summary>
internal sealed class Subscription : IDisposable
{
    private const int FarthestBehind = 20_000;

    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>();

    public ChannelReader<Change> Changes => _changes.Reader;

    /// <summary>Hands a change over; false once this subscription has ended.</summary>
    internal bool Offer(Change change)
    {
        if (_changes.Reader.Count >= FarthestBehind) _changes.Writer.TryComplete();
        return _changes.Writer.TryWrite(change);
    }

    /// <summary>Ends it; the table lets go of it at its next change.</summary>
    public void Dispose() => _changes.Writer.TryComplete();
}
