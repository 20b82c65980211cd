using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.ApiServer.Authorization;
using LlmKube.Operator.LocalCluster.ApiServer.Hosting;
using LlmKube.Operator.LocalCluster.ApiServer.Routing;
using LlmKube.Operator.LocalCluster.ApiServer.Watching;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmKube.Operator.LocalCluster.ApiServer;

/// <summary>
/// A Kubernetes API server in this process: HTTPS on loopback, objects in memory. For development and tests; it is
/// not Kubernetes.
/// </summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    private const string AdminUser = "admin";

    private readonly ApiServerOptions _options;
    private readonly ClusterState _cluster;
    private readonly X509Certificate2 _certificate;
    private readonly IReadOnlyList<ApiToken> _tokens;
    private readonly ILoggerFactory _logging;
    private CancellationTokenSource _streams = new();
    private WebApplication? _app;

    private ApiServerHost(ApiServerOptions options)
    {
        _options = options;
        _logging = options.Logging;
        Requests = new(options.RequestsKept);
        var admin = new ApiToken(options.AdminToken ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), AdminUser, User.Masters);
        _tokens = [admin, .. options.Tokens];
        _cluster = new ClusterState(options.Time, options.History, options.ServiceRange, new Random(options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue)), _tokens);
        // Peers check a certificate by the machine's clock, whatever clock the objects live by.
        _certificate = ServerCertificate.Create(TimeProvider.System.GetUtcNow());
        BootstrapObjects.Create(_cluster);
    }

    /// <summary>Where the server listens, such as <c>https://127.0.0.1:36115/</c>; the same after a restart.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1/");

    /// <summary>The requests that the server has seen.</summary>
    public RequestLog Requests { get; }

    /// <summary>The administrator's bearer token.</summary>
    public string AdminToken => _tokens[0].Token;

    /// <summary>Starts a server.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ApiServerHost> StartAsync(ApiServerOptions options, CancellationToken cancellation = default)
    {
        var host = new ApiServerHost(options);
        try
        {
            await host.ListenAsync(options.Port, cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client configuration for the user of a token; the administrator's by default.</summary>
    public KubernetesClientConfiguration ClientConfiguration(string? token = null)
    {
        return new()
        {
            Host = Address.GetLeftPart(UriPartial.Authority),
            AccessToken = token ?? AdminToken,
            Namespace = "default",
            FirstMessageHandlerSetup = handler => handler.UseProxy = false,
            SslCaCerts = [X509CertificateLoader.LoadCertificate(_certificate.RawData)],
        };
    }

    /// <summary>Writes a kubeconfig, readable by the owner alone, for the user of a token; the administrator's by default.</summary>
    public void WriteKubeconfig(string path, string? token = null)
    {
        var chosen = token ?? AdminToken;
        var user = _cluster.Authenticator.Find(chosen)?.Name ?? "unknown";
        PrivateFile.Write(path, Encoding.UTF8.GetBytes(KubeconfigText.Of(Address.GetLeftPart(UriPartial.Authority), [_certificate], user, chosen, "default")));
    }

    /// <summary>Forgets the history now: watches and lists that name an older revision are answered with 410 Gone.</summary>
    public void CompactHistory() => _cluster.Store.Compact();

    /// <summary>Ends all streams that are open, as a server does that shuts down or a proxy that has had enough.</summary>
    public async Task DropStreamsAsync()
    {
        var dropped = Interlocked.Exchange(ref _streams, new CancellationTokenSource());
        await dropped.CancelAsync();
        dropped.Dispose();
    }

    /// <summary>Stops listening; the objects stay.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        if (_app is not { } app) return;
        _app = null;
        await DropStreamsAsync();
        await app.StopAsync(cancellation);
        await app.DisposeAsync();
    }

    /// <summary>Listens again on the same port, with the same objects.</summary>
    public Task RestartAsync(CancellationToken cancellation = default) => ListenAsync(Address.Port, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _streams.Dispose();
        _certificate.Dispose();
    }

    private async Task ListenAsync(int port, CancellationToken cancellation)
    {
        if (_app is not null) throw new InvalidOperationException("The API server is listening already.");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(_logging);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificate);
            });
        });
        var app = builder.Build();
        var settings = new WatchSettings(_options.Time, _options.BookmarkInterval, _options.LongestWatch, _options.ExpiredWatch);
        var dispatcher = new ApiDispatcher(_cluster, settings, Requests, _logging.CreateLogger<ApiServerHost>());
        app.Run(http => dispatcher.HandleAsync(http, Volatile.Read(ref _streams).Token));
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = new Uri(addresses.First());
    }
}
