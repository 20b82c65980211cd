using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>A source that is reached through a proxy, which the usual variables name.</summary>
[TestFixture]
internal sealed class ProxyTests : FetchFixture
{
    private string Message => Path.Combine(Folder, "termination-log");

    [Test]
    public async Task A_source_with_TLS_is_reached_through_a_tunnel()
    {
        using var authority = LoopbackAuthority.Create("private");
        await using var source = await MisbehavingServer.StartAsync(Bytes.Sound, authority.Server);
        await using var proxy = new TunnelProxy();
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "config-map")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), authority.Root.ExportCertificatePem());
        source.ThenResetAt(1_000_000);

        var report = await RunAsync(proxy, source.Url, "--ca", folder);

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Resumes, Is.EqualTo(1), "through the proxy as well");
        Assert.That(proxy.Asked, Is.EqualTo(Enumerable.Repeat($"CONNECT {source.Address.Authority} HTTP/1.1", 2)));
    }

    [Test]
    public async Task A_tunnel_to_where_nobody_may_go_is_not_asked_for()
    {
        await using var proxy = new TunnelProxy();

        var report = await RunAsync(proxy, "https://169.254.169.254/latest/meta-data/");

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceNotAllowed, true)), report.Message);
        Assert.That(proxy.Asked, Is.Empty);
        AssertNothingInPlace();
    }

    private async Task<FetchReport> RunAsync(TunnelProxy proxy, string source, params string[] more)
    {
        using var process = Stories.ProgramProcess.Start(
            [(DownloadCommand.SourceVariable, source), ("https_proxy", proxy.Url), ("HTTPS_PROXY", proxy.Url), ("no_proxy", null), ("NO_PROXY", null)],
            ["download", "--target", Paths.Final, "--termination-log", Message, "--allow-address", "127.0.0.1", .. more]);
        await process.ExitAsync();
        return TerminationMessage.TryParse(await File.ReadAllTextAsync(Message))!;
    }

    /// <summary>Does what it is asked for with CONNECT, and remembers it.</summary>
    private sealed class TunnelProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public TunnelProxy()
        {
            _listener.Start();
            _running = RunAsync();
        }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public ConcurrentQueue<string> Asked { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _running;
            _stop.Dispose();
        }

        private async Task RunAsync()
        {
            var tunnels = new List<Task>();
            try
            {
                while (true) tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                await Task.WhenAll(tunnels);
            }
        }

        private async Task TunnelAsync(TcpClient client)
        {
            using (client)
            {
                var near = client.GetStream();
                var lines = new List<string>();
                while (await LineAsync(near) is { Length: > 0 } line) lines.Add(line);
                Asked.Enqueue(lines[0]);
                var to = IPEndPoint.Parse(lines[0].Split(' ')[1]);
                using var server = new TcpClient();
                await server.ConnectAsync(to, _stop.Token);
                await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
                var far = server.GetStream();
                try
                {
                    await Task.WhenAny(near.CopyToAsync(far, _stop.Token), far.CopyToAsync(near, _stop.Token));
                }
                catch (Exception e) when (e is OperationCanceledException or IOException)
                {
                    // an end that was cut off
                }
            }
        }

        private async Task<string> LineAsync(NetworkStream stream)
        {
            var line = new StringBuilder();
            var one = new byte[1];
            while (await stream.ReadAsync(one, _stop.Token) > 0 && one[0] != '\n')
            {
                if (one[0] != '\r') line.Append((char)one[0]);
            }

            return line.ToString();
        }
    }
}
