using KubeOps.Abstractions.Builder;
using LlmKube.Operator.Engine.Crds;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Metrics;
using LlmKube.Operator.Engine.Timing;
using LlmKube.Operator.Engine.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Hosting;

/// <summary>
/// Runs the operator: informers on every replica, workers on the one that leads. On stop it takes no more work, ends what runs, gives
/// the lease back. When the lease is lost, what runs is cancelled and the process exits with code 1, to be started anew.
/// </summary>
internal sealed class OperatorService(
    IEnumerable<IControllerPipeline> pipelines,
    IEnumerable<ControlledKind> controlled,
    IEnumerable<RequiredController> required,
    InformerRegistry informers,
    ElectorFactory electors,
    Leadership leadership,
    OperatorSettings settings,
    EngineMetrics metrics,
    EngineOptions options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<OperatorService> logger) : BackgroundService
{
    private readonly List<IControllerPipeline> _pipelines = [.. pipelines];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        EngineServices.Validate(required, controlled);
        foreach (var setting in SettingsWithoutEffect.In(settings)) logger.NoEffect(setting.Name, setting.Instead);
        var elector = leadership.IsElected ? await electors.CreateAsync(stoppingToken) : null;
        foreach (var pipeline in _pipelines) await pipeline.PrepareAsync(stoppingToken);
        using var end = new CancellationTokenSource();
        var watching = informers.All.Select(informer => Task.Run(() => informer.RunAsync(end.Token), CancellationToken.None)).ToList();
        var election = elector is null ? Task.CompletedTask : Task.Run(() => ElectAsync(elector, end.Token), CancellationToken.None);
        try
        {
            metrics.OnScrape(Scrape);
            await WorkAsync(stoppingToken);
        }
        finally
        {
            await end.CancelAsync();
            await election;
            if (elector is not null)
            {
                using var timeout = new CancellationTokenSource(options.ReleaseTimeout, time);
                await elector.ReleaseAsync(timeout.Token);
            }

            await Task.WhenAll(watching);
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        await leadership.Acquired.WaitAsync(stoppingToken).Quietly();

        // So that the first reconciles find the stores of the other kinds filled too; one that can't be listed holds nobody up.
        await Task.WhenAll(informers.All.Select(informer => informer.FirstAttempt)).WaitAsync(stoppingToken).Quietly();
        if (stoppingToken.IsCancellationRequested) return;

        using var intake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var abort = new CancellationTokenSource();
        var work = Task.WhenAll(_pipelines.Select(pipeline => pipeline.RunAsync(intake.Token, abort.Token)));
        await Task.WhenAny(work, leadership.Lost, Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken));
        if (leadership.Lost.IsCompleted)
        {
            await intake.CancelAsync();
            await abort.CancelAsync();
        }
        else if (stoppingToken.IsCancellationRequested)
        {
            logger.Stopping(settings.Name, options.Grace);
            abort.CancelAfterBy(options.Grace, time, out var timer);
            using (timer) await work;
            return;
        }

        await work;
    }

    private async Task ElectAsync(LeaseElector elector, CancellationToken cancellationToken)
    {
        await elector.RunAsync(cancellationToken);
        if (cancellationToken.IsCancellationRequested || !leadership.Lost.IsCompleted) return;
        options.SetExitCode(1);
        lifetime.StopApplication();
    }

    private void Scrape()
    {
        if (leadership.IsElected) metrics.LeaderStatus(ElectorFactory.LeaseName(settings), leadership.IsLeader);
        foreach (var kind in informers.All.GroupBy(informer => informer.Type.Label))
        {
            // Several scopes of one kind: the one that has been silent the longest is the one to know of.
            if (kind.Min(informer => informer.LastHeard) is { } at) metrics.LastHeard(kind.Key, at);
            metrics.Undecodable(kind.Key, kind.Sum(informer => informer.UndecodableCount));
        }
    }
}
