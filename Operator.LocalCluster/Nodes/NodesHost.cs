using k8s;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes.Containers;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>How nodes run.</summary>
public sealed record NodesOptions
{
    /// <summary>The clock that pods live by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The nodes; may change while they run.</summary>
    public NodeFleet Fleet { get; init; } = new();

    /// <summary>What becomes of pods; may change while they run.</summary>
    public PodRules Rules { get; init; } = new();

    /// <summary>How containers are run as processes; null to only pretend, by <see cref="Rules"/>.</summary>
    public ProcessOptions? Processes { get; init; }

    /// <summary>How many pods are worked on at once.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Where pods that are processes get their addresses from; null to reserve a block of their own.</summary>
    internal LoopbackNetwork? Network { get; init; }

    /// <summary>How pods that are processes reach the API server; null if they don't.</summary>
    internal KubernetesClientConfiguration? Cluster { get; init; }

    /// <summary>Told when the first lists are in and work begins.</summary>
    internal Action? Started { get; init; }
}

/// <summary>
/// Plays any number of nodes: registers them and runs the pods bound to them, as processes of this machine or, by rules and the clock,
/// only in pretence.
/// </summary>
public static class NodesHost
{
    /// <summary>Runs until cancelled, against any API server.</summary>
    /// <param name="client">A client that may write nodes, pods and Events and read what pods use.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Ends it, and every process of a pod; the Node objects stay.</param>
    /// <exception cref="IOException">No loopback addresses are free.</exception>
    public static async Task RunAsync(IKubernetes client, NodesOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        var caches = new ClusterCaches(new(client), options.Time, options.Loggers);
        var logger = options.Loggers.CreateLogger("LlmKube.Operator.LocalCluster.Nodes");
        var logs = new PodLogWriter(caches.Api, logger);
        if (options.Processes is not { } processes)
        {
            await RunAsync(caches, options, new SimulatedRuntime(options.Rules, options.Time, logs.Write), logs.RunAsync, cancellation);
            return;
        }

        using var own = options.Network is null ? LoopbackNetwork.Reserve() : null;
        await using var runtime = new ProcessRuntime(options, processes, caches, options.Network ?? own!, logs, logger);
        await RunAsync(caches, options, runtime, stop => Task.WhenAll(logs.RunAsync(stop), runtime.Events.RunAsync(stop)), cancellation);
    }

    private static async Task RunAsync(ClusterCaches caches, NodesOptions options, IContainerRuntime runtime, Func<CancellationToken, Task> writing, CancellationToken cancellation)
    {
        var agent = new NodeAgent(caches, options.Fleet, runtime);
        var registrar = new NodeRegistrar(caches, options.Fleet, agent, runtime.Kind);
        try
        {
            await PartRunner.RunAsync(
                stop => Task.WhenAll(caches.RunAsync(stop), writing(stop)),
                caches.Synced,
                async stop =>
                {
                    var working = Task.WhenAll(registrar.RunAsync(1, stop), agent.RunAsync(options.Workers, stop));
                    await Task.WhenAny(registrar.Registered, working);
                    options.Started?.Invoke();
                    await working;
                },
                cancellation);
        }
        finally
        {
            agent.StopAll();
        }
    }
}
