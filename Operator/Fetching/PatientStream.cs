using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>A source's bytes for who reads them one after the other without a clock: silence ends it, and so does being told to stop.</summary>
/// <param name="body">The bytes. They stay their owner's to dispose of.</param>
/// <param name="patience">How long the source may say nothing.</param>
/// <param name="time">The clock.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class PatientStream(Stream body, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken) : Stream
{
    private long _read;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="FetchFailure">The source kept silent.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        using var stall = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        try
        {
#pragma warning disable VSTHRD002 // Only so can a read that is not asynchronous be given up; no synchronization context exists that could deadlock.
            var read = body.ReadAsync(buffer.AsMemory(offset, count), either.Token).AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            _read += read;
            return read;
        }
        catch (OperationCanceledException e) when (stall.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FetchFailure(Reasons.SourceStalled, $"nothing came for {patience.TotalSeconds:0.#} s at byte {_read}", TryAgain.Later, e);
        }
    }

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
