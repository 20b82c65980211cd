using k8s.Autorest;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Reads what servers said when they had loaded their models, once for each. Apart from the reconciles, so that a node that doesn't answer keeps no worker waiting. Only who reconciles,
/// which is the leader, has met servers; others read nothing.
/// </summary>
internal sealed class LoadReader(LoadMonitor loads, ParentWaker parents, ApiCalls api, TimeProvider time, ILogger<LoadReader> logger) : BackgroundService
{
    /// <summary>How soon a log that has become due is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Nodes that don't answer hold up the others once: their logs come last from then on, and ever more seldom.
    private const int AtOnce = 8;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken };
            await Parallel.ForEachAsync(loads.Due(), parallel, ReadAsync);
        }
    }

    private async ValueTask ReadAsync(UnreadLoad load, CancellationToken cancellationToken)
    {
        var report = await ReportAsync(load, cancellationToken);
        if (loads.Take(load, report)) await parents.WakeServiceAsync(load.Namespace, load.Service, cancellationToken);
    }

    private async Task<LoadReport> ReportAsync(UnreadLoad load, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        string cause;
        try
        {
            return ServerLog.Read(await api.ReadLogBeginAsync(load.Namespace, load.Pod, DeploymentBuilder.Container, ServerLog.Bytes, either.Token));
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            cause = e is HttpOperationException answered ? ApiStatus.MessageOf(answered) : e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            cause = $"no answer within {Patience.TotalSeconds} s";
        }

        logger.NoLoad(load.Namespace, load.Pod, cause);
        return new LoadReport.Unreadable(cause);
    }
}
