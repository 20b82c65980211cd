using k8s;
using LlmKube.Operator.LocalCluster.Controllers.Deployments;
using LlmKube.Operator.LocalCluster.Controllers.Disruption;
using LlmKube.Operator.LocalCluster.Controllers.Endpoints;
using LlmKube.Operator.LocalCluster.Controllers.Garbage;
using LlmKube.Operator.LocalCluster.Controllers.Jobs;
using LlmKube.Operator.LocalCluster.Controllers.Namespaces;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.ReplicaSets;
using LlmKube.Operator.LocalCluster.Controllers.ServiceAccounts;
using LlmKube.Operator.LocalCluster.Controllers.Volumes;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Controllers;

/// <summary>How the controllers run.</summary>
public sealed record ControllersOptions
{
    /// <summary>The clock of deadlines, backoffs and time stamps.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>How many objects of a kind are worked on at once; as many as in kube-controller-manager.</summary>
    public int Workers { get; init; } = 5;

    /// <summary>The folder on each node under which volumes are made for claims.</summary>
    public string VolumeFolder { get; init; } = "/var/lib/llmkube/volumes";

    /// <summary>
    /// Whether to create the storage classes <c>standard</c> (the default; waits for its first consumer, whose node then holds the
    /// volume) and <c>shared</c> (bound at once, reachable from every node), if they don't exist.
    /// </summary>
    public bool StorageClasses { get; init; } = true;

    /// <summary>Told when the first lists are in and work begins.</summary>
    internal Action? Started { get; init; }
}

/// <summary>
/// What kube-controller-manager does, as far as a development cluster needs it: Deployments, ReplicaSets, Jobs, claims and volumes,
/// Endpoints and EndpointSlices, disruption budgets, service accounts, garbage collection and the deletion of namespaces.
/// </summary>
public static class ControllersHost
{
    /// <summary>Runs until cancelled, against any API server.</summary>
    /// <param name="client">A client that may do everything.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(IKubernetes client, ControllersOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        var caches = new ClusterCaches(new(client), options.Time, options.Loggers);
        using var graph = new ObjectGraph(caches);
        List<IController> controllers =
        [
            new DeploymentController(caches), new ReplicaSetController(caches), new JobController(caches),
            new ClaimController(caches, options.VolumeFolder), new VolumeController(caches, options.VolumeFolder), new EndpointController(caches),
            new GarbageCollector(caches, graph), new NamespaceController(caches, graph), new DisruptionController(caches),
            new ServiceAccountController(caches), new PodCollector(caches),
        ];
        if (options.StorageClasses) controllers.Add(new StandardClasses(caches));
        await PartRunner.RunAsync(
            stop => Task.WhenAll(caches.RunAsync(stop), graph.RunAsync(stop)),
            Task.WhenAll(caches.Synced, graph.Synced),
            stop =>
            {
                options.Started?.Invoke();
                return Task.WhenAll(controllers.Select(c => c.RunAsync(options.Workers, stop)));
            },
            cancellation);
    }
}
