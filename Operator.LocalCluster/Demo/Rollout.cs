using System.Threading.Channels;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>Watches Model, InferenceService and the pod that fetches, and tells of them until the service is Ready.</summary>
internal sealed partial class Rollout
{
    private const string FetchLabel = "inference.llmkube.dev/cache-key";
    private const string FetchContainer = "fetch";

    private readonly IKubernetes _client;
    private readonly DemoConsole _console;
    private readonly TimeSpan _patience;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClusterCaches _caches;
    private readonly Channel<News> _news = Channel.CreateUnbounded<News>();
    private readonly Narrator _narrator = new();

    /// <param name="patience">How long to wait while nothing moves.</param>
    public Rollout(IKubernetes client, DemoConsole console, TimeSpan patience, ILoggerFactory logs, TimeProvider time)
    {
        (_client, _console, _patience, _time) = (client, console, patience, time);
        _logger = logs.CreateLogger<Rollout>();
        _caches = new(new(client), time, logs);
        Watch<ServedModel>("Model");
        Watch<ServedService>("InferenceService");
        _caches.Of<V1Pod>();

        // Each state as it comes: a phase may be short.
        void Watch<T>(string kind)
            where T : ServedObject => _caches.Of<T>().Changed += (_, now) =>
            {
                if (now is { Metadata: { Name: Sample.Name, NamespaceProperty: Sample.Namespace } }) _news.Writer.TryWrite(new(now, kind, null));
            };
    }

    /// <param name="apply">Brings the objects, when they are watched for.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CannotRunException">It has failed, or nothing has moved for too long.</exception>
    public async Task ReadyAsync(Func<Task> apply, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.WhenAll(_caches.RunAsync(stop.Token), FollowFetchesAsync(stop.Token));
        try
        {
            await _caches.Synced.WaitAsync(cancellation);
            await apply();
            await TellAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        var moved = _time.GetTimestamp();
        while (true)
        {
            var news = await NextAsync(_patience - _time.GetElapsedTime(moved), cancellation);
            if (news.Fetch is { } fetch)
            {
                _console.Change(Narrator.Of(fetch));
                if (_narrator.See(fetch)) moved = _time.GetTimestamp();
                continue;
            }

            foreach (var line in _narrator.See(news.Seen!, news.Kind))
            {
                _console.Step(line);
                moved = _time.GetTimestamp();
            }

            if (Narrator.Verdict(news.Seen, news.Kind) is { } failure) throw new CannotRunException(failure);
            if (news.Seen is ServedService { Status.Phase: "Ready" }) return;
        }
    }

    private async Task<News> NextAsync(TimeSpan remaining, CancellationToken cancellation)
    {
        try
        {
            return await _news.Reader.ReadAsync(cancellation).AsTask().WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, _time, cancellation);
        }
        catch (TimeoutException)
        {
            throw new CannotRunException($"nothing has moved for {_patience.TotalSeconds:0} s; look with kubectl describe mdl,isvc, or give it longer (make demo DEMO_TIMEOUT=seconds)");
        }
    }

    // One after the other, as they come: a fetch that failed is tried again by another pod.
    private async Task FollowFetchesAsync(CancellationToken stop)
    {
        var begun = Channel.CreateUnbounded<V1Pod>();
        _caches.Of<V1Pod>().Changed += (_, pod) =>
        {
            if (pod is { Status.Phase: "Running" } && pod.Label(FetchLabel) is not null) begun.Writer.TryWrite(pod);
        };
        var followed = new HashSet<string>();
        try
        {
            await foreach (var pod in begun.Reader.ReadAllAsync(stop))
            {
                if (followed.Add(pod.Metadata.Uid)) await FollowAsync(pod, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // told to end
        }
    }

    private async Task FollowAsync(V1Pod pod, CancellationToken stop)
    {
        try
        {
            await using var log = await _client.CoreV1.ReadNamespacedPodLogAsync(pod.Metadata.Name, pod.Metadata.NamespaceProperty, container: FetchContainer, follow: true, cancellationToken: stop);
            using var lines = new StreamReader(log);
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                if (FetchProgress.Parse(line) is { } progress) _news.Writer.TryWrite(new(null, "", progress));
            }
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            LogLost(_logger, pod.Metadata.Name, e); // the phases still tell how it goes
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "The log of {Pod} can't be followed")]
    private static partial void LogLost(ILogger logger, string pod, Exception cause);

    /// <summary>An object as it is now, or how far a fetch has come.</summary>
    private sealed record News(ServedObject? Seen, string Kind, FetchProgress? Fetch);
}
