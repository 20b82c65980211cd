using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Hosting;

/// <summary>Makes the elector that the settings describe.</summary>
internal sealed class ElectorFactory(
    OperatorSettings settings,
    ApiConnection api,
    Leadership leadership,
    TimeProvider time,
    Dice dice,
    ILogger<LeaseElector> logger,
    KubernetesClientConfiguration? configuration = null)
{
    /// <summary>The Lease that replicas of an operator compete for.</summary>
    public static string LeaseName(OperatorSettings settings) => $"{settings.Name}-leader";

    public async Task<LeaseElector> CreateAsync(CancellationToken cancellationToken)
    {
        // Host names are not unique: two pods on a node's own network share one.
        var identity = $"{Environment.MachineName}_{Guid.NewGuid():N}";

        // Where the replicas are, and not where they work: their right to it is there.
        var @namespace = await CurrentNamespace.FindAsync("POD_NAMESPACE", settings.Namespace ?? configuration?.Namespace, cancellationToken);
        return new(
            api,
            new(
                @namespace,
                LeaseName(settings),
                identity,
                settings.LeaderElectionLeaseDuration,
                settings.LeaderElectionRenewDeadline,
                settings.LeaderElectionRetryPeriod),
            leadership,
            time,
            dice,
            logger);
    }
}
