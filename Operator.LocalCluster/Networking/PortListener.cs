using System.Net;
using System.Net.Sockets;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>
/// One address and port of a service. It listens while there is an endpoint to go to: without one, the system refuses connections,
/// as it does in a cluster.
/// </summary>
internal sealed partial class PortListener(IPEndPoint address, ConnectionForwarder forwarder, RunningTasks tasks, TimeProvider time, ILogger logger, CancellationToken cut)
{
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);
    private volatile IReadOnlyList<IPEndPoint> _endpoints = [];
    private Socket? _socket;
    private int _next = -1;

    public IPEndPoint Address => address;

    /// <summary>Sends new connections to these endpoints, in turn; those that are there stay where they are.</summary>
    /// <exception cref="SocketException">The port can't be had.</exception>
    public void Update(IReadOnlyList<IPEndPoint> endpoints)
    {
        _endpoints = endpoints;
        if (endpoints.Count == 0) Close();
        else if (_socket is null) Open();
    }

    /// <summary>Takes no new connections.</summary>
    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen();
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _socket = socket;
        tasks.Add(AcceptAsync(socket));
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (true)
        {
            try
            {
                var client = await socket.AcceptAsync(CancellationToken.None);
                tasks.Add(ServeAsync(client));
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return; // Closed.
            }
            catch (SocketException e)
            {
                // Such as too many open files: it may pass.
                LogNotAccepted(logger, address, e.Message);
                await Task.Delay(AcceptRetry, time, cut).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cut.IsCancellationRequested) return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await forwarder.ForwardAsync(client, InTurn(), cut);
        }
#pragma warning disable CA1031 // A fault with one connection must not end the listener.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(logger, address, e);
        }
    }

    private IEnumerable<IPEndPoint> InTurn()
    {
        var endpoints = _endpoints;
        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0U; i < endpoints.Count; i++) yield return endpoints[(int)((first + i) % (uint)endpoints.Count)];
    }

    [LoggerMessage(2504, LogLevel.Warning, "A connection to {Address} was not accepted: {Reason}")]
    private static partial void LogNotAccepted(ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(2505, LogLevel.Error, "A connection to {Address} failed")]
    private static partial void LogFault(ILogger logger, IPEndPoint address, Exception cause);
}
