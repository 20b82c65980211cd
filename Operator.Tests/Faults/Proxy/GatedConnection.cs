using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>A TCP connection of a client, whose bytes can be kept back in both directions: it stays open, and nothing comes any more.</summary>
internal sealed class GatedConnection(ConnectionContext connection)
{
    private volatile TaskCompletionSource? _gate;

    /// <summary>Whether a request has come by it.</summary>
    public bool IsUsed { get; set; }

    /// <summary>Keeps everything back from now on.</summary>
    public void Freeze() => Interlocked.CompareExchange(ref _gate, new(TaskCreationOptions.RunContinuationsAsynchronously), null);

    /// <summary>Lets everything through that was kept back.</summary>
    public void Thaw() => Interlocked.Exchange(ref _gate, null)?.TrySetResult();

    /// <summary>Breaks it.</summary>
    public void Abort() => connection.Abort();

    public async Task ServeAsync(ConnectionDelegate next)
    {
        var inner = connection.Transport;
        connection.Transport = new Gated(new Reader(this, inner.Input), new Writer(this, inner.Output));
        try
        {
            await PassAsync(connection.ConnectionClosed);
            await next(connection);
        }
        catch (OperationCanceledException) when (connection.ConnectionClosed.IsCancellationRequested)
        {
            // It was broken while it was frozen.
        }
        finally
        {
            connection.Transport = inner;
        }
    }

    private CancellationToken Closed => connection.ConnectionClosed;

    private Task PassAsync(CancellationToken cancellationToken) => _gate?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    private sealed record Gated(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Reader(GatedConnection gate, PipeReader inner) : PipeReader
    {
        private readonly CancellationToken _closed = gate.Closed;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var result = await inner.ReadAsync(cancellationToken);

            // What arrives while it is frozen is there when it thaws.
            await gate.PassAsync(_closed);
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return gate._gate is null && inner.TryRead(out result);
        }
    }

    private sealed class Writer(GatedConnection gate, PipeWriter inner) : PipeWriter
    {
        private readonly CancellationToken _closed = gate.Closed;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            await gate.PassAsync(_closed);
            return await inner.FlushAsync(cancellationToken);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
