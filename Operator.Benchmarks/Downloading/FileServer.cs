using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmKube.Operator.Benchmarks.Downloading;

/// <summary>
/// Serves one file on loopback by sendfile: the kernel copies, so that the server leaves the cores to the client that is measured. It takes no ranges and answers each
/// connection once.
/// </summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _path;
    private readonly Task _running;

    public FileServer(string path)
    {
        _path = path;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync();
    }

    /// <summary>Where the file is.</summary>
    public Uri Url => new($"http://{_listener.LocalEndPoint}/model.gguf");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync(_stop.Token);
                await AnswerAsync(client);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // told to end
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        var request = new byte[16 * 1024];
        for (var read = 0; !request.AsSpan(0, read).EndsWith("\r\n\r\n"u8);)
        {
            var more = await client.ReceiveAsync(request.AsMemory(read), _stop.Token);
            if (more == 0) return;
            read += more;
        }

        var head = FormattableString.Invariant($"HTTP/1.1 200 OK\r\nContent-Length: {new FileInfo(_path).Length}\r\nETag: \"one\"\r\nConnection: close\r\n\r\n");
        await client.SendFileAsync(_path, Encoding.ASCII.GetBytes(head), default, TransmitFileOptions.UseDefaultWorkerThread, _stop.Token);
        client.Shutdown(SocketShutdown.Send);
    }
}
