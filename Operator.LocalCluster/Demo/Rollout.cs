using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

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
    private readonly Channel<FetchProgress?> _news = Channel.CreateUnbounded<FetchProgress?>();
    private readonly Narrator _narrator = new();

    /// <param name="patience">How long to wait while nothing moves.</param>
    public Rollout(IKubernetes client, DemoConsole console, TimeSpan patience, ILoggerFactory logs, TimeProvider time)
    {
        (_client, _console, _patience, _time) = (client, console, patience, time);
        _logger = logs.CreateLogger<Rollout>();
        _caches = new(new(client), time, logs);
        Watch<ServedModel>();
        Watch<ServedService>();
        Watch<V1Pod>();

        void Watch<T>()
            where T : class, IKubernetesObject<V1ObjectMeta> => _caches.Of<T>().Changed += (_, _) => _news.Writer.TryWrite(null);
    }

    /// <exception cref="DemoException">It has failed, or nothing has moved for too long.</exception>
    public async Task ReadyAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.WhenAll(_caches.RunAsync(stop.Token), FollowFetchesAsync(stop.Token));
        try
        {
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
            var (model, service) = (Find<ServedModel>(), Find<ServedService>());
            foreach (var line in Lines(model, "Model").Concat(Lines(service, "InferenceService")))
            {
                _console.Step(line);
                moved = _time.GetTimestamp();
            }

            if ((Narrator.Verdict(model, "Model") ?? Narrator.Verdict(service, "InferenceService")) is { } failure) throw new DemoException(failure);
            if (service?.Status?.Phase is "Ready") return;
            if (await NextAsync(_patience - _time.GetElapsedTime(moved), cancellation) is not { } fetch) continue;
            _console.Change(Narrator.Of(fetch));
            if (_narrator.See(fetch)) moved = _time.GetTimestamp();
        }
    }

    private async Task<FetchProgress?> NextAsync(TimeSpan remaining, CancellationToken cancellation)
    {
        try
        {
            return await _news.Reader.ReadAsync(cancellation).AsTask().WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, _time, cancellation);
        }
        catch (TimeoutException)
        {
            throw new DemoException($"nothing has moved for {_patience.TotalSeconds:0} s; look with kubectl describe mdl,isvc, or give it longer with --timeout");
        }
    }

    private IReadOnlyList<string> Lines(ServedObject? seen, string kind) => seen is null ? [] : _narrator.See(seen, kind);

    private T? Find<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> => _caches.Of<T>().Find(Sample.Namespace, Sample.Name);

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
                if (FetchProgress.Parse(line) is { } progress) _news.Writer.TryWrite(progress);
            }
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException)
        {
            LogLost(_logger, pod.Metadata.Name, e); // the phases still tell how it goes
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "The log of {Pod} can't be followed")]
    private static partial void LogLost(ILogger logger, string pod, Exception cause);
}
