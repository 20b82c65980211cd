using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using k8s;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.ApiServer.Hosting;
using LlmKube.Operator.Tests.Stories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmKube.Operator.Tests.Faults.Proxy;

/// <summary>
/// Stands between an operator and an API server, over TLS on both sides, and lets go wrong what the test wants: whole (killed, frozen), by connection, by
/// request, by line of a watch. It counts what it passes on. Who asks shows a token of the proxy's, and is to the server who the proxy is there.
/// </summary>
internal sealed partial class FaultProxy : IAsyncDisposable
{
    private readonly Kubernetes _server;
    private readonly string? _namespace;
    private readonly ConcurrentDictionary<string, GatedConnection> _connections = [];
    private readonly ConcurrentDictionary<OpenWatch, bool> _watches = [];
    private ImmutableList<Fault> _faults = [];
    private ImmutableHashSet<string> _tokens;
    private volatile bool _isFrozen;
    private int _unusedConnections;
    private WebApplication? _app;

    private FaultProxy(KubernetesClientConfiguration server)
    {
        _server = new Kubernetes(server);
        _namespace = server.Namespace;
        Token = Guid.NewGuid().ToString("n");
        _tokens = [Token];
    }

    /// <summary>Where it listens; the same after a restart.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1/");

    /// <summary>Whom clients are to trust. A new one is shown to connections that are made from then on.</summary>
    public LoopbackAuthority Authority { get; set; } = LoopbackAuthority.Create("fault-proxy");

    /// <summary>What a client shows; a new one makes the old one worthless.</summary>
    public string Token
    {
        get;
        set => (field, _tokens) = (value, [value]);
    }

    /// <summary>The requests that clients have made, and how they were answered; watches count when they are opened.</summary>
    public RequestLog Requests { get; } = new(1_000_000);

    /// <summary>How many connections have ended without a request, as they do if the client does not trust us.</summary>
    public int UnusedConnections => Volatile.Read(ref _unusedConnections);

    /// <summary>The watches that are open.</summary>
    public IEnumerable<ProxiedRequest> Watches => _watches.Keys.Select(w => w.Request);

    /// <summary>Starts one.</summary>
    /// <param name="server">The API server, and as whom it is asked.</param>
    public static async Task<FaultProxy> StartAsync(KubernetesClientConfiguration server)
    {
        var proxy = new FaultProxy(server);
        await proxy.ListenAsync(0);
        return proxy;
    }

    /// <summary>How an operator reaches the API server through it.</summary>
    public KubernetesClientConfiguration ClientConfiguration() => new()
    {
        Host = Address.GetLeftPart(UriPartial.Authority),
        AccessToken = Token,
        Namespace = _namespace,
        FirstMessageHandlerSetup = handler => handler.UseProxy = false,
        SslCaCerts = [Authority.Root],
    };

    /// <summary>Writes a kubeconfig for an operator that is a process.</summary>
    public string WriteKubeconfig(string folder)
    {
        var path = Path.Combine(folder, $"kubeconfig-{Address.Port}");
        PrivateFile.Write(path, Encoding.UTF8.GetBytes(KubeconfigText.Of(Address.GetLeftPart(UriPartial.Authority), [Authority.Root], "operator", Token, "default")));
        return path;
    }

    /// <summary>Awaits that who is behind it has got the lease, or has it already.</summary>
    public Task LeadsAsync() => SeesAsync(r => r is { Resource: "leases", Verb: "create" or "update", StatusCode: < 300 });

    /// <summary>Awaits requests.</summary>
    /// <param name="wanted">Which.</param>
    /// <param name="count">How many.</param>
    /// <param name="since">After which mark.</param>
    /// <param name="within">How long it may take; null: as long as anything.</param>
    public async Task SeesAsync(Func<RequestEntry, bool> wanted, int count = 1, int since = 0, TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Eventually.Patience, TimeProvider.System);
        try
        {
            await Requests.WaitForAsync(wanted, count, since, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Assert.Fail($"{Requests.CountOf(wanted, since)} of {count} requests came in time; the last ones: {string.Join('\n', Requests.Since(since).TakeLast(20))}");
        }
    }

    /// <summary>Puts a fault into the way, behind those that are there.</summary>
    public T Add<T>(T fault)
        where T : Fault
    {
        ImmutableInterlocked.Update(ref _faults, faults => faults.Add(fault));
        return fault;
    }

    /// <summary>Takes a fault out of the way.</summary>
    public void Remove(Fault fault) => ImmutableInterlocked.Update(ref _faults, faults => faults.Remove(fault));

    /// <summary>As SIGSTOP to the server does: connections stay and can be made, and nothing is answered.</summary>
    /// <returns>How many connections there were.</returns>
    public int Freeze()
    {
        _isFrozen = true;
        return FreezeConnections();
    }

    /// <summary>As SIGCONT: what was kept back goes on.</summary>
    public void Thaw()
    {
        _isFrozen = false;
        foreach (var connection in _connections.Values) connection.Thaw();
    }

    /// <summary>Connections that are there say nothing more, as after a firewall has forgotten them; new ones work.</summary>
    /// <returns>How many.</returns>
    public int FreezeConnections()
    {
        var open = _connections.Values.ToList();
        open.ForEach(c => c.Freeze());
        return open.Count;
    }

    /// <summary>As SIGKILL to the server: connections break, and none can be made.</summary>
    public async Task KillAsync()
    {
        if (_app is not { } app) return;
        _app = null;
        foreach (var connection in _connections.Values) connection.Abort();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Listens again after a kill.</summary>
    public Task RestartAsync() => ListenAsync(Address.Port);

    /// <summary>Ends watches that are open.</summary>
    /// <param name="which">Of which requests.</param>
    /// <param name="lastLine">What they get before; null: nothing.</param>
    /// <returns>How many.</returns>
    public int EndWatches(Func<ProxiedRequest, bool> which, string? lastLine = null) => _watches.Keys.Count(w => which(w.Request) && w.End.TrySetResult(lastLine));

    public async ValueTask DisposeAsync()
    {
        Thaw();
        await KillAsync();
        _server.Dispose();
        Authority.Dispose();
    }

    private async Task ListenAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(next => async connection =>
                {
                    var gated = new GatedConnection(connection);
                    _connections[connection.ConnectionId] = gated;
                    if (_isFrozen) gated.Freeze();
                    if (!_isFrozen) gated.Thaw(); // It may have thawed in between.
                    try
                    {
                        await gated.ServeAsync(next);
                    }
                    finally
                    {
                        _connections.TryRemove(connection.ConnectionId, out _);
                        if (!gated.IsUsed) Interlocked.Increment(ref _unusedConnections);
                    }
                });
                listen.UseHttps(https =>
                {
                    https.ServerCertificateSelector = (_, _) => Authority.Server;
                    https.HandshakeTimeout = TimeSpan.FromMinutes(10);
                });
            });
        });
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        _app = app;
        Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}
