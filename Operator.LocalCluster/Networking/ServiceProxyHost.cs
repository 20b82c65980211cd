using k8s;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>How the service proxy runs.</summary>
public sealed record ServiceProxyOptions
{
    /// <summary>The clock of retries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go; they say at which address a service is reached that has another cluster IP.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where services get addresses from whose cluster IP is none of this machine; null to reserve a block for them.</summary>
    internal LoopbackNetwork? Network { get; init; }

    /// <summary>Told when the first lists are in and work begins.</summary>
    internal Action? Started { get; init; }
}

/// <summary>
/// What kube-proxy does, on loopback: every TCP port of a service with a cluster IP is listened on, at that address if it is one of
/// this machine (127.x), else at one that the log names, and node ports on 127.0.0.1. New connections go to the ready endpoints in
/// turn.
/// </summary>
public static class ServiceProxyHost
{
    /// <summary>Runs until cancelled, against any API server.</summary>
    /// <param name="client">A client that may list and watch services and endpoint slices.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Ends it: ports are freed, connections cut.</param>
    /// <exception cref="IOException">No block of loopback addresses is free.</exception>
    public static async Task RunAsync(IKubernetes client, ServiceProxyOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        using var own = options.Network is null ? LoopbackNetwork.Reserve() : null;
        var caches = new ClusterCaches(new(client), options.Time, options.Loggers);
        await using var proxy = new ServiceProxy(caches, options.Network ?? own!);
        await PartRunner.RunAsync(
            caches.RunAsync,
            caches.Synced,
            stop =>
            {
                options.Started?.Invoke();
                return proxy.RunAsync(1, stop);
            },
            cancellation);
    }
}
