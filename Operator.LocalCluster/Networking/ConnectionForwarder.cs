using System.Net;
using System.Net.Sockets;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>Carries one connection to an endpoint: bytes as they come, in both directions, until both sides have ended.</summary>
internal sealed partial class ConnectionForwarder(TimeProvider time, ILogger logger)
{
    private const int BufferBytes = 32 * 1024;

    // Longer than a machine of one's own ever takes; what drops packets must not hold up the next endpoint for minutes.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Takes over a client's connection. Either side that ends its sending ends it on the other side too, and still gets what is to
    /// come. If no endpoint can be reached, or either side breaks off, the other is cut as well, so that nobody takes half an answer
    /// for a whole one.
    /// </summary>
    /// <param name="client">The connection; closed in the end.</param>
    /// <param name="endpoints">Where it may go, the favourite first.</param>
    /// <param name="cancellation">Cuts it.</param>
    public async Task ForwardAsync(Socket client, IEnumerable<IPEndPoint> endpoints, CancellationToken cancellation)
    {
        Socket? server = null;
        try
        {
            server = await ConnectAsync(endpoints, cancellation);
            if (server is not null && await PumpBothAsync(client, server, cancellation)) return;
            client.Close(timeout: 0); // A reset.
            server?.Close(timeout: 0);
        }
        finally
        {
            client.Dispose();
            server?.Dispose();
        }
    }

    private async Task<Socket?> ConnectAsync(IEnumerable<IPEndPoint> endpoints, CancellationToken cancellation)
    {
        foreach (var endpoint in endpoints)
        {
            if (cancellation.IsCancellationRequested) return null;
            var server = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var timeout = new CancellationTokenSource(ConnectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            try
            {
                await server.ConnectAsync(endpoint, either.Token);
                return server;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                server.Dispose();
                if (!cancellation.IsCancellationRequested) LogUnreachable(logger, endpoint, e.Message);
            }
        }

        return null;
    }

    /// <returns>Whether both sides ended well.</returns>
    private static async Task<bool> PumpBothAsync(Socket client, Socket server, CancellationToken cancellation)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            (client.NoDelay, server.NoDelay) = (true, true);
            // Both before either is shut down: a socket counts as not connected from then on, and gets no stream any more.
            await using var near = new NetworkStream(client, ownsSocket: false);
            await using var far = new NetworkStream(server, ownsSocket: false);
            var ended = await Task.WhenAll(PumpAsync(near, far, cut), PumpAsync(far, near, cut));
            return ended is [true, true];
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false; // Either side was gone before it began.
        }
    }

    private static async Task<bool> PumpAsync(NetworkStream from, NetworkStream to, CancellationTokenSource cut)
    {
        try
        {
            await from.CopyToAsync(to, BufferBytes, cut.Token);
            to.Socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            await cut.CancelAsync();
            return false;
        }
    }

    [LoggerMessage(2503, LogLevel.Debug, "{Endpoint} can't be reached: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, IPEndPoint endpoint, string reason);
}
