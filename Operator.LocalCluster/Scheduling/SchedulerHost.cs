using k8s;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>How the scheduler runs.</summary>
public sealed record SchedulerOptions
{
    /// <summary>The clock of time stamps and retries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Told when the first lists are in and work begins.</summary>
    internal Action? Started { get; init; }
}

/// <summary>
/// What kube-scheduler does, as far as a development cluster needs it: node selectors and affinity, taints, affinity between pods,
/// host ports, CPU, memory and extended resources, volumes, priority and preemption. It leaves out topology spread constraints.
/// </summary>
public static class SchedulerHost
{
    /// <summary>Runs until cancelled, against any API server.</summary>
    /// <param name="client">A client that may read pods, nodes, claims, volumes, classes and namespaces, and bind, patch and delete pods.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(IKubernetes client, SchedulerOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        var caches = new ClusterCaches(new(client), options.Time, options.Loggers);
        using var scheduler = new Scheduler(caches);
        await PartRunner.RunAsync(
            caches.RunAsync,
            caches.Synced,
            stop =>
            {
                options.Started?.Invoke();
                return scheduler.RunAsync(stop);
            },
            cancellation);
    }
}
