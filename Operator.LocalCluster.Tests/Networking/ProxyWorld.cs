using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Tests.Controllers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.Networking;

/// <summary>
/// A service proxy around an API server of our own or, if LLMKUBE_TEST_KUBECONFIG names one, around that; its services' endpoints
/// are written by hand, as no controller runs.
/// </summary>
internal sealed class ProxyWorld : ILoggerProvider, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _log = [];
    private readonly ApiServerHost? _server;
    private readonly Kubernetes _client;
    private readonly ILoggerFactory _loggers;
    private readonly Task _proxy;

    private ProxyWorld(ApiServerHost? server, Kubernetes client, LoopbackNetwork network)
    {
        (_server, _client, Network) = (server, client, network);
        _loggers = LoggerFactory.Create(b => b.AddProvider(this));
        _proxy = ServiceProxyHost.RunAsync(client, new() { Time = Time, Loggers = _loggers, Network = network }, _stop.Token);
    }

    public LoopbackNetwork Network { get; }

    public FakeTimeProvider Time { get; } = new();

    public IEnumerable<string> Log => _log;

    private string Namespace { get; } = $"proxy-{Guid.NewGuid():n}"[..14];

    /// <param name="ownAddresses">Whether cluster IPs are addresses of this machine; another's API server decides for itself.</param>
    public static async Task<ProxyWorld> StartAsync(bool ownAddresses)
    {
        var network = LoopbackNetwork.Reserve();
        var external = Environment.GetEnvironmentVariable(TestCluster.Variable);
        var options = new ApiServerOptions();
        if (ownAddresses) options = options with { ServiceRange = network.Services };
        var server = TestCluster.IsExternal ? null : await ApiServerHost.StartAsync(options);
        var config = server is null ? KubernetesClientConfiguration.BuildConfigFromConfigFile(external) : server.ClientConfiguration();
        var world = new ProxyWorld(server, new Kubernetes(config), network);
        await world._client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = world.Namespace } });
        return world;
    }

    /// <summary>Creates a service and says where its first port is reached.</summary>
    public async Task<IPEndPoint> CreateAsync(string name, int port = 8080, int? nodePort = null)
    {
        var created = await _client.CoreV1.CreateNamespacedServiceAsync(
            new()
            {
                Metadata = new() { Name = name },
                Spec = new() { Type = nodePort is null ? "ClusterIP" : "NodePort", Ports = [new() { Name = "http", Port = port, NodePort = nodePort }] },
            },
            Namespace);
        return await AddressAsync(created, port);
    }

    public async Task<IPEndPoint> MoveAsync(string name, int port)
    {
        var patch = new V1Patch($$$"""[{"op":"replace","path":"/spec/ports/0/port","value":{{{port}}}}]""", V1Patch.PatchType.JsonPatch);
        return await AddressAsync(await _client.CoreV1.PatchNamespacedServiceAsync(patch, name, Namespace), port);
    }

    /// <summary>Makes the service an alias of another host's name, which takes its cluster IP away.</summary>
    public Task AliasAsync(string name)
    {
        var patch = new V1Patch("""{"spec":{"type":"ExternalName","externalName":"example.test","clusterIP":null,"clusterIPs":null}}""", V1Patch.PatchType.MergePatch);
        return _client.CoreV1.PatchNamespacedServiceAsync(patch, name, Namespace);
    }

    // The typed call can't read a Status, which some servers answer with.
    public Task DeleteAsync(string name) => _client.CustomObjects.DeleteNamespacedCustomObjectAsync("", "v1", Namespace, "services", name);

    /// <summary>Sets a service's endpoints, all at one port.</summary>
    public async Task PointAsync(string service, int port, params (string Address, bool Ready)[] endpoints)
    {
        var slice = new V1EndpointSlice
        {
            ApiVersion = "discovery.k8s.io/v1",
            Kind = "EndpointSlice",
            Metadata = new() { Name = service, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
            AddressType = "IPv4",
            Ports = [new() { Name = "http", Port = port, Protocol = "TCP" }],
            Endpoints = [.. endpoints.Select(e => new V1Endpoint { Addresses = [e.Address], Conditions = new() { Ready = e.Ready } })],
        };
        try
        {
            slice.Metadata.ResourceVersion = (await _client.DiscoveryV1.ReadNamespacedEndpointSliceAsync(service, Namespace)).Metadata.ResourceVersion;
            await _client.DiscoveryV1.ReplaceNamespacedEndpointSliceAsync(slice, service, Namespace);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            await _client.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, Namespace);
        }
    }

    public Task AcceptsAsync(IPEndPoint at) => UntilAsync($"{at} accepts connections", async () => await IsOpenAsync(at) == true);

    public Task RefusesAsync(IPEndPoint at) => UntilAsync($"{at} refuses connections", async () => await IsOpenAsync(at) == false);

    public async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await holds())
        {
            if (patience.IsCancellationRequested) Assert.Fail($"Not within {Patience}: {what}. Log:\n{string.Join('\n', _log)}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.CoreV1.DeleteNamespaceAsync(Namespace);
        await _stop.CancelAsync();
        await _proxy.WaitAsync(Patience, TimeProvider.System);
        _client.Dispose();
        _loggers.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        Network.Dispose();
        _stop.Dispose();
    }

    /// <summary>Ends the proxy alone.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _proxy.WaitAsync(Patience, TimeProvider.System);
    }

    public ILogger CreateLogger(string categoryName) => new Lines(_log);

    void IDisposable.Dispose()
    {
    }

    // Null: the port closed while it was tried.
    private static async Task<bool?> IsOpenAsync(IPEndPoint at)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(at);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused ? false : null;
        }
    }

    // Where the cluster IP is none of this machine, the log says what stands for it.
    private async Task<IPEndPoint> AddressAsync(V1Service service, int port)
    {
        var clusterIp = IPAddress.Parse(service.Spec.ClusterIP);
        if (IPAddress.IsLoopback(clusterIp)) return new(clusterIp, port);
        var said = $"{Namespace}/{service.Metadata.Name} {clusterIp}:{port} is reached at ";
        await UntilAsync(said, () => Task.FromResult(_log.Any(l => l.StartsWith(said, StringComparison.Ordinal))));
        return IPEndPoint.Parse(_log.Last(l => l.StartsWith(said, StringComparison.Ordinal))[said.Length..]);
    }

    private sealed class Lines(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Enqueue(formatter(state, exception));
    }
}
