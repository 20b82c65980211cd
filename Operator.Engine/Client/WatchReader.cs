namespace KubeOps.KubernetesClient;

/// <summary>The lines of a watch, which end when the server closes it or the token is cancelled. The connection goes with it.</summary>
internal sealed class WatchReader(HttpResponseMessage response, Stream stream, CancellationToken stop) : TextReader
{
    private readonly StreamReader _lines = new(stream);

    /// <inheritdoc/>
    public override Task<string?> ReadLineAsync() => ReadLineAsync(CancellationToken.None).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cancellationToken);
        try
        {
            return await _lines.ReadLineAsync(either.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lines.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
