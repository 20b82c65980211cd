using k8s.Autorest;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Watches;

namespace LlmKube.Operator.Models;

/// <summary>
/// Reads now and then, in the logs of their pods, how far the running fetches are. Apart from the reconciles, so that a node that doesn't answer
/// keeps no worker waiting. Only who reconciles, which is the leader, has met fetches; others read nothing.
/// </summary>
internal sealed class FetchReader(FetchMonitor fetches, ParentWaker parents, ApiCalls api, TimeProvider time, ILogger<FetchReader> logger) : BackgroundService
{
    /// <summary>How often each log is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int AtOnce = 4;

    // A line of progress has some hundred bytes, and less than 1,500 whatever the file's header says. The last one may be cut, or be the result.
    private const int Lines = 5;
    private const int Bytes = 8 * 1024;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Parallel.ForEachAsync(fetches.Running(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken }, ReadAsync);
        }
    }

    // That it can't be read is no failure.
    private async ValueTask ReadAsync(RunningFetch fetch, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var log = await api.ReadLogEndAsync(fetch.Namespace, fetch.Pod, FetchJobBuilder.Container, Lines, Bytes, either.Token);
            if (FetchReading.Last(log) is not { } reading) return;
            foreach (var model in fetches.Take(fetch, reading)) await parents.WakeModelAsync(fetch.Namespace, model, cancellationToken);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            logger.NoProgress(fetch.Namespace, fetch.Pod, e is HttpOperationException answered ? ApiStatus.MessageOf(answered) : e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.NoProgress(fetch.Namespace, fetch.Pod, $"no answer within {Patience.TotalSeconds} s");
        }
    }
}
