using System.Net;
using System.Net.Sockets;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>A service with its listeners and all its connections. One caller at a time.</summary>
/// <param name="service">The service as it was first seen.</param>
/// <param name="clusterIp">The address that the cluster knows it by.</param>
/// <param name="address">Where it is reached for as long as it lives.</param>
internal sealed partial class ProxiedService(V1Service service, IPAddress clusterIp, IPAddress address, RunningTasks tasks, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ObjectKey _key = ObjectKey.Of(service);
    private readonly ConnectionForwarder _forwarder = new(time, logger);
    private readonly CancellationTokenSource _cut = new();
    private readonly Dictionary<IPEndPoint, PortListener> _listeners = [];
    private readonly HashSet<IPEndPoint> _taken = [];

    public IPAddress Address => address;

    /// <summary>Whether the service is still the one that these listeners are for.</summary>
    public bool IsFor(V1Service now, IPAddress nowAt) => now.Metadata.Uid == service.Metadata.Uid && nowAt.Equals(clusterIp);

    /// <summary>Opens, moves and closes listeners; connections that are there live on.</summary>
    /// <returns>Whether every port could be had.</returns>
    public bool Apply(IReadOnlyList<ServiceRoute> routes)
    {
        var wanted = new Dictionary<IPEndPoint, IReadOnlyList<IPEndPoint>>();
        foreach (var route in routes)
        {
            var at = new IPEndPoint(address, route.Port);
            wanted.TryAdd(at, route.Endpoints);
            if (!_listeners.ContainsKey(at) && !address.Equals(clusterIp)) LogReached(logger, _key, new(clusterIp, route.Port), at);
            if (route.NodePort is { } nodePort) wanted.TryAdd(new(IPAddress.Loopback, nodePort), route.Endpoints);
        }

        foreach (var gone in _listeners.Keys.Except(wanted.Keys).ToList())
        {
            _listeners.Remove(gone, out var listener);
            listener!.Close();
            _taken.Remove(gone);
        }

        var all = true;
        foreach (var (at, endpoints) in wanted)
        {
            if (!_listeners.TryGetValue(at, out var listener)) _listeners[at] = listener = new(at, _forwarder, tasks, time, logger, _cut.Token);
            all &= TryUpdate(listener, endpoints);
        }

        return all;
    }

    /// <summary>Closes the listeners and cuts the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners.Values) listener.Close();
        _listeners.Clear();
        await _cut.CancelAsync();
        _cut.Dispose();
    }

    private bool TryUpdate(PortListener listener, IReadOnlyList<IPEndPoint> endpoints)
    {
        try
        {
            listener.Update(endpoints);
            _taken.Remove(listener.Address);
            return true;
        }
        catch (SocketException e)
        {
            // Said once, however often it is tried.
            if (_taken.Add(listener.Address)) LogTaken(logger, _key, listener.Address, e.Message);
            return false;
        }
    }

    [LoggerMessage(2501, LogLevel.Information, "{Service} {ClusterIp} is reached at {Address}")]
    private static partial void LogReached(ILogger logger, ObjectKey service, IPEndPoint clusterIp, IPEndPoint address);

    [LoggerMessage(2502, LogLevel.Warning, "{Service} is not reached at {Address}: {Reason}; trying again until it is")]
    private static partial void LogTaken(ILogger logger, ObjectKey service, IPEndPoint address, string reason);
}
