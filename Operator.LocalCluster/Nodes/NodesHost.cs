using k8s;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>How simulated nodes run.</summary>
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

    /// <summary>Told when the first lists are in and work begins.</summary>
    internal Action? Started { get; init; }
}

/// <summary>Plays any number of nodes: registers them and moves the pods bound to them on, by rules and the clock. Nothing is really run.</summary>
public static class NodesHost
{
    /// <summary>Runs until cancelled, against any API server.</summary>
    /// <param name="client">A client that may write nodes and pods and read claims.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Ends it; the Node objects stay.</param>
    public static async Task RunAsync(IKubernetes client, NodesOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        var caches = new ClusterCaches(new(client), options.Time, options.Loggers);
        var logs = new PodLogWriter(caches.Api, options.Loggers.CreateLogger("LlmKube.Operator.LocalCluster.Nodes"));
        var runtime = new SimulatedRuntime(options.Rules, options.Time, logs.Write);
        var agent = new NodeAgent(caches, options.Fleet, runtime);
        var registrar = new NodeRegistrar(caches, options.Fleet, agent);
        try
        {
            await PartRunner.RunAsync(
                stop => Task.WhenAll(caches.RunAsync(stop), logs.RunAsync(stop)),
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
