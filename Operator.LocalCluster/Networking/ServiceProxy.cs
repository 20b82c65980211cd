using System.Net;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>Keeps a <see cref="ProxiedService"/> for each service with a cluster IP. For one worker: the order of events frees a port before the next takes it.</summary>
internal sealed class ServiceProxy : Controller<ObjectKey>, IAsyncDisposable
{
    private static readonly TimeSpan PortRetry = TimeSpan.FromSeconds(5);
    private readonly LoopbackNetwork _network;
    private readonly ILogger _logger;
    private readonly WatchCache<V1Service> _services;
    private readonly CacheIndex<V1EndpointSlice> _slicesByService;
    private readonly RunningTasks _tasks = new();
    private readonly Dictionary<ObjectKey, ProxiedService> _proxied = [];

    public ServiceProxy(ClusterCaches caches, LoopbackNetwork network)
        : base(caches, "ServiceProxy")
    {
        _network = network;
        _logger = caches.Loggers.CreateLogger("LlmKube.Operator.LocalCluster.ServiceProxy");
        _services = caches.Of<V1Service>();
        var slices = caches.Of<V1EndpointSlice>();
        _slicesByService = slices.AddIndex(s => ServiceOf(s) is { } key ? [key.ToString()] : []);
        _services.Changed += (before, now) => Queue.Add(ObjectKey.Of(now ?? before!));
        slices.Changed += (before, now) =>
        {
            foreach (var key in new[] { before, now }.OfType<V1EndpointSlice>().Select(ServiceOf).OfType<ObjectKey>().Distinct()) Queue.Add(key);
        };
    }

    /// <summary>Ends all listeners and connections; to be called when no worker runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var proxied in _proxied.Values) await proxied.DisposeAsync();
        _proxied.Clear();
        await _tasks.EndAsync();
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var service = _services.Find(key);
        var clusterIp = service is null ? null : ServiceRoutes.ClusterIp(service);
        if (_proxied.TryGetValue(key, out var proxied) && (clusterIp is null || !proxied.IsFor(service!, clusterIp)))
        {
            _proxied.Remove(key);
            await proxied.DisposeAsync();
            _network.ReturnServiceAddress(proxied.Address.ToString());
            proxied = null;
        }

        if (clusterIp is null) return;
        if (proxied is null) _proxied[key] = proxied = new(service!, clusterIp, AddressFor(clusterIp), _tasks, Caches.Time, _logger);
        if (!proxied.Apply(ServiceRoutes.Of(service!, _slicesByService[key.ToString()]))) Queue.AddAfter(key, PortRetry);
    }

    private IPAddress AddressFor(IPAddress clusterIp) => IPAddress.IsLoopback(clusterIp) ? clusterIp : IPAddress.Parse(_network.TakeServiceAddress());

    private static ObjectKey? ServiceOf(V1EndpointSlice slice) =>
        slice.Label("kubernetes.io/service-name") is { } name ? new(slice.Metadata.NamespaceProperty, name) : null;
}
