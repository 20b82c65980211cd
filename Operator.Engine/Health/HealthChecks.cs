using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.LeaderElection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmKube.Operator.Engine.Health;

/// <summary>Ready: the store of every informer is filled, whether this process leads or not.</summary>
internal sealed class InformersHealthCheck(InformerRegistry informers) : IHealthCheck
{
    public const string Name = "informers";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = informers.All.Where(informer => !informer.HasSynced).Select(informer => informer.Type.Kind).ToList();
        if (!informers.All.Any()) return Task.FromResult(HealthCheckResult.Unhealthy("No informer has been started yet."));
        return Task.FromResult(missing.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Not listed yet: {string.Join(", ", missing)}."));
    }
}

/// <summary>
/// Live: the loops tick. An informer's does at least every few minutes, the elector's with every try to get or keep the lease. A reconcile
/// that hangs is none of them: it holds up one worker, and workqueue_longest_running_processor_seconds tells of it.
/// </summary>
internal sealed class LoopsHealthCheck(
    InformerRegistry informers, InformerOptions options, Leadership leadership, KubeOps.Abstractions.Builder.OperatorSettings settings)
    : IHealthCheck
{
    public const string Name = "loops";

    // Beyond the longest time that a loop may rightly wait: for an event, or for an answer and the next try.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    // As cert-manager has it: time enough for the process to stop by itself.
    private static readonly TimeSpan LeaseSlack = TimeSpan.FromSeconds(20);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuck = informers.All
            .Where(informer => informer.SinceTick > options.SilenceLimit + Slack)
            .Select(informer => $"the watch of {informer.Type.Kind} has not moved for {informer.SinceTick.TotalSeconds:F0} seconds")
            .ToList();
        if (leadership.IsElected && leadership.IsHeld && leadership.SinceRenewal > settings.LeaderElectionLeaseDuration + LeaseSlack)
        {
            stuck.Add($"the lease was not renewed for {leadership.SinceRenewal.TotalSeconds:F0} seconds");
        }

        // A candidate's loop, too: its every try ends within the deadline.
        if (leadership.IsElected && !leadership.Lost.IsCompleted && leadership.SinceTick > settings.LeaderElectionRenewDeadline + Slack)
        {
            stuck.Add($"the election has not moved for {leadership.SinceTick.TotalSeconds:F0} seconds");
        }

        return Task.FromResult(stuck.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", stuck)));
    }
}

/// <summary>Healthy where this process leads, or where there is no election.</summary>
internal sealed class LeadershipHealthCheck(Leadership leadership) : IHealthCheck
{
    public const string Name = "leadership";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(leadership.IsLeader ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Another process leads, or none."));
}
