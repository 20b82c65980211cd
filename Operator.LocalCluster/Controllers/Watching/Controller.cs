using System.Net;
using k8s.Autorest;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>Brings the world to what an object says, one key at a time, whatever happened before.</summary>
internal abstract partial class Controller<TKey>(ClusterCaches caches, string name) : IController
    where TKey : notnull
{
    private readonly ILogger _logger = caches.Loggers.CreateLogger($"LlmKube.Operator.LocalCluster.{name}");

    protected WorkQueue<TKey> Queue { get; } = new(caches.Time);

    protected ClusterCaches Caches { get; } = caches;

    protected ClusterApi Api => Caches.Api;

    protected DateTime Now => Caches.Now;

    public async Task RunAsync(int workers, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(cancellation)));
        }
        finally
        {
            Queue.Dispose();
        }
    }

    /// <summary>Level-based: reads all it needs, writes what differs. An exception brings the key back later.</summary>
    protected abstract Task ReconcileAsync(TKey key, CancellationToken cancellation);

    private async Task WorkAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        while (true)
        {
            TKey key;
            try
            {
                key = await Queue.TakeAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            var again = false;
            try
            {
                await ReconcileAsync(key, cancellation);
                Queue.Forget(key);
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (HttpOperationException e) when (e.Is(HttpStatusCode.Conflict) || e.Is(HttpStatusCode.NotFound))
            {
                again = true; // A lost race: the next attempt sees what the other one wrote.
            }
            catch (HttpOperationException e) when (e.IsNamespaceTerminating())
            {
            }
#pragma warning disable CA1031 // Whatever else went wrong is worth another try, later and later.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(_logger, name, key, e is HttpOperationException refused ? refused.Words() : e.Message, e);
                again = true;
            }

            Queue.Done(key);
            if (again) Queue.Retry(key);
        }
    }

    [LoggerMessage(2101, LogLevel.Warning, "{Controller} could not settle {Key}: {Words}")]
    private static partial void LogFailed(ILogger logger, string controller, TKey key, string words, Exception cause);
}

internal interface IController
{
    Task RunAsync(int workers, CancellationToken cancellation);
}
