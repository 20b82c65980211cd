using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

namespace LlmKube.Operator.LocalCluster.Tests.Networking;

/// <summary>The proxy with real sockets, where cluster IPs are addresses of this machine and where they are not.</summary>
[Platform("Linux")]
[TestFixture(true)]
[TestFixture(false)]
public sealed class ServiceProxyStories(bool ownAddresses)
{
    private readonly List<Backend> _backends = [];
    private ProxyWorld _world = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public void Decide() => Assume.That(ownAddresses && TestCluster.IsExternal, Is.False, "another's cluster IPs are its own affair");

    [SetUp]
    public async Task StartAsync()
    {
        _world = await ProxyWorld.StartAsync(ownAddresses);
        // Every request on a connection of its own: the proxy knows no requests.
        _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false });
    }

    [TearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        foreach (var backend in _backends) await backend.DisposeAsync();
        _backends.Clear();
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Connections_go_to_the_ready_endpoints_in_turn()
    {
        var (a, b, starting) = (await BackendAsync(), await BackendAsync(), await BackendAsync());
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (a.Address, true), (starting.Address, false), (b.Address, true));
        await _world.AcceptsAsync(web);
        for (var i = 0; i < 6; i++) await GetAsync(web);
        Assert.That((a.Answers, b.Answers, starting.Answers), Is.EqualTo((3, 3, 0)));
    }

    [Test]
    public async Task Without_a_ready_endpoint_connections_are_refused()
    {
        var a = await BackendAsync();
        var web = await _world.CreateAsync("web");
        await _world.RefusesAsync(web);
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(web);
        await _world.PointAsync("web", Backend.Port, (a.Address, false));
        await _world.RefusesAsync(web);
    }

    [Test]
    public async Task An_endpoint_that_refuses_is_passed_over()
    {
        var (a, gone) = (await BackendAsync(), _world.Network.TakePodAddress());
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (gone, true), (a.Address, true));
        await _world.AcceptsAsync(web);
        for (var i = 0; i < 4; i++) Assert.That(await GetAsync(web), Is.EqualTo(a.Address));
    }

    [Test]
    public async Task If_all_endpoints_refuse_the_connection_is_reset()
    {
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (_world.Network.TakePodAddress(), true));
        await _world.AcceptsAsync(web);
        using var client = await ConnectAsync(web);
        Assert.That((await ReadAsync(client)).Error, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_new_set_of_endpoints_is_followed()
    {
        var (a, b) = (await BackendAsync(), await BackendAsync());
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(web);
        Assert.That(await GetAsync(web), Is.EqualTo(a.Address));
        await _world.PointAsync("web", Backend.Port, (b.Address, true));
        await _world.UntilAsync("the new endpoint answers", async () => await GetAsync(web) == b.Address);
        await b.DisposeAsync();
        _backends.Remove(b);
    }

    [Test]
    public async Task What_is_streamed_arrives_at_once_and_is_finished_though_its_endpoint_drains()
    {
        var a = await BackendAsync();
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(web);
        using var answer = await _http.GetAsync(new Uri($"http://{web}/stream"), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.That(await lines.ReadLineAsync(), Is.EqualTo("first"));
        await _world.PointAsync("web", Backend.Port, (a.Address, false));
        await _world.RefusesAsync(web);
        a.Finish();
        Assert.That(await lines.ReadToEndAsync(), Is.EqualTo("last\n"));
    }

    [Test]
    public async Task Whoever_has_said_all_still_gets_the_answer()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        using var client = await ConnectAsync(web);
        await client.SendAsync(Encoding.ASCII.GetBytes("question"));
        client.Shutdown(SocketShutdown.Send);
        using var accepted = await AcceptAsync(server, "question");
        await accepted.SendAsync(Encoding.ASCII.GetBytes("answer"));
        accepted.Shutdown(SocketShutdown.Send);
        Assert.That(await ReadAsync(client), Is.EqualTo(("answer", SocketError.Success)));
    }

    [Test]
    public async Task A_large_body_arrives_whole()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        using var client = await ConnectAsync(web);
        var body = new string('x', 8 * 1024 * 1024);
        var sending = client.SendAsync(Encoding.ASCII.GetBytes(body)).ContinueWith(_ => client.Shutdown(SocketShutdown.Send), TaskScheduler.Default);
        using var accepted = await AcceptAsync(server, body);
        await sending;
    }

    [Test]
    public async Task An_endpoint_that_breaks_off_is_no_clean_end()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        using var client = await ConnectAsync(web);
        await client.SendAsync(Encoding.ASCII.GetBytes("question"));
        client.Shutdown(SocketShutdown.Send);
        using (var accepted = await AcceptAsync(server, "question")) accepted.Close(timeout: 0);
        Assert.That((await ReadAsync(client)).Error, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_client_that_breaks_off_is_told_to_the_endpoint()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        var client = await ConnectAsync(web);
        using var accepted = await server.AcceptAsync();
        client.Close(timeout: 0);
        Assert.That((await ReadAsync(accepted)).Error, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_port_that_changes_moves_and_leaves_connections_alone()
    {
        var a = await BackendAsync();
        var old = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(old);
        using var answer = await _http.GetAsync(new Uri($"http://{old}/stream"), HttpCompletionOption.ResponseHeadersRead);
        var moved = await _world.MoveAsync("web", 9090);
        await _world.AcceptsAsync(moved);
        await _world.RefusesAsync(old);
        Assert.That((moved.Address, moved.Port), Is.EqualTo((old.Address, 9090)));
        Assert.That(await GetAsync(moved), Is.EqualTo(a.Address));
        a.Finish();
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("first\nlast\n"));
    }

    [Test]
    public async Task A_service_without_a_cluster_ip_is_reached_no_more()
    {
        var a = await BackendAsync();
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(web);
        await _world.AliasAsync("web");
        await _world.RefusesAsync(web);
    }

    [Test]
    public async Task A_service_that_goes_takes_its_connections_along()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        using var client = await ConnectAsync(web);
        using var accepted = await server.AcceptAsync();
        await _world.DeleteAsync("web");
        await _world.RefusesAsync(web);
        Assert.That((await ReadAsync(client)).Error, Is.EqualTo(SocketError.ConnectionReset));
        Assert.That((await ReadAsync(accepted)).Error, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_proxy_that_ends_takes_all_connections_along()
    {
        using var server = Listen();
        var web = await ToAsync(server);
        using var client = await ConnectAsync(web);
        using var accepted = await server.AcceptAsync();
        await _world.StopAsync();
        await _world.RefusesAsync(web);
        Assert.That((await ReadAsync(client)).Error, Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public async Task A_node_port_answers_too_once_it_is_free()
    {
        var a = await BackendAsync();
        using var other = FreeNodePort();
        var nodePort = (IPEndPoint)other.LocalEndPoint!;
        var web = await _world.CreateAsync("web", nodePort: nodePort.Port);
        await _world.PointAsync("web", Backend.Port, (a.Address, true));
        await _world.AcceptsAsync(web);
        await _world.UntilAsync("the taken port is said", () => Task.FromResult(Warnings().Any()));
        for (var i = 0; i < 3; i++) _world.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(await GetAsync(web), Is.EqualTo(a.Address));
        other.Dispose();
        await _world.UntilAsync("the port is had", async () =>
        {
            _world.Time.Advance(TimeSpan.FromSeconds(5));
            return await IsAnsweredAsync(nodePort, a.Address);
        });
        Assert.That(Warnings().Single(), Does.EndWith("; trying again until it is"));

        IEnumerable<string> Warnings() => _world.Log.Where(l => l.Contains($"/web is not reached at {nodePort}: ", StringComparison.Ordinal));
    }

    private async Task<Backend> BackendAsync()
    {
        var backend = await Backend.StartAsync(_world.Network);
        _backends.Add(backend);
        return backend;
    }

    private Task<string> GetAsync(IPEndPoint at) => _http.GetStringAsync(new Uri($"http://{at}/"));

    private async Task<bool> IsAnsweredAsync(IPEndPoint at, string answer)
    {
        try
        {
            return await GetAsync(at) == answer;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Socket Listen() => Listen(new(IPAddress.Parse(_world.Network.TakePodAddress()), 0));

    private static Socket Listen(IPEndPoint at)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(at);
        socket.Listen();
        return socket;
    }

    /// <summary>A service with this one endpoint, which must not be tried before: every connection is the story's.</summary>
    private async Task<IPEndPoint> ToAsync(Socket server)
    {
        var endpoint = (IPEndPoint)server.LocalEndPoint!;
        var web = await _world.CreateAsync("web");
        await _world.PointAsync("web", endpoint.Port, ($"{endpoint.Address}", true));
        await _world.AcceptsAsync(web);
        using var tried = await server.AcceptAsync();
        await ReadAsync(tried);
        return web;
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint at)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(at);
        return client;
    }

    private static async Task<Socket> AcceptAsync(Socket server, string question)
    {
        var accepted = await server.AcceptAsync();
        Assert.That(await ReadAsync(accepted), Is.EqualTo((question, SocketError.Success)));
        return accepted;
    }

    /// <summary>Reads to the end, however it ends.</summary>
    private static async Task<(string Text, SocketError Error)> ReadAsync(Socket from)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            return (text.ToString(), SocketError.Success);
        }
        catch (SocketException e)
        {
            return (text.ToString(), e.SocketErrorCode);
        }
    }

    private static Socket FreeNodePort()
    {
        for (var port = 32_000; ; port++)
        {
            try
            {
                return Listen(new(IPAddress.Loopback, port));
            }
            catch (SocketException) when (port < 32_767)
            {
            }
        }
    }
}
