using System.Threading.Channels;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>The Events that a kubelet writes about a pod's containers. The same one again is counted,
/// and written once a minute at most; of many different ones of a kind only the first are told.</summary>
internal sealed partial class PodEvents(ClusterCaches caches, ILogger logger)
{
    // As the API's validation and client-go's aggregation have it.
    private const int LargestMessage = 1024, MostOfAKind = 10;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly Channel<News> _news = Channel.CreateUnbounded<News>();
    private readonly Dictionary<News, Corev1Event> _written = [];

    public void Normal(V1Pod pod, V1Container? container, string reason, string message) => Add(pod, container, "Normal", reason, message);

    public void Warning(V1Pod pod, V1Container? container, string reason, string message) => Add(pod, container, "Warning", reason, message);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var news in _news.Reader.ReadAllAsync(cancellation)) await WriteAsync(news, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    /// <summary>Forgets a pod that is gone.</summary>
    public void Forget(string uid) => _news.Writer.TryWrite(new("", "", uid, "", null, "", "", ""));

    private void Add(V1Pod pod, V1Container? container, string type, string reason, string message)
    {
        var field = container is null ? null : $"spec.{(pod.Spec.InitContainers?.Any(c => c.Name == container.Name) == true ? "initContainers" : "containers")}{{{container.Name}}}";
        _news.Writer.TryWrite(new(pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid, pod.Spec.NodeName, field, type, reason, message.Length <= LargestMessage ? message : message[..LargestMessage]));
    }

    private async Task WriteAsync(News news, CancellationToken cancellation)
    {
        if (news.Reason.Length == 0)
        {
            foreach (var old in _written.Keys.Where(n => n.Uid == news.Uid).ToList()) _written.Remove(old);
            return;
        }

        var now = caches.Now;
        try
        {
            if (!_written.TryGetValue(news, out var known))
            {
                if (_written.Keys.Count(n => n.Uid == news.Uid && n.Reason == news.Reason) >= MostOfAKind) return;
                _written[news] = await caches.Api.CreateAsync(Build(news, now), cancellation);
                return;
            }

            known.Count++;
            if (now - known.LastTimestamp < Quiet) return;
            known.LastTimestamp = now;
            await caches.Api.PatchAsync<Corev1Event>(ResourceType.Of<Corev1Event>(), ObjectKey.Of(known), new { count = known.Count, lastTimestamp = now }, cancellation);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            _written.Remove(news); // It may be gone, too: the next one is a new one.

            // An Event is a help, and its pod may be gone: what it says goes to the log instead.
            LogLost(logger, $"{news.Namespace}/{news.Pod}", news.Reason, news.Message, e is HttpOperationException refused ? refused.Words() : e.Message);
        }
    }

    private static Corev1Event Build(News news, DateTime now) => new()
    {
        Metadata = new() { GenerateName = $"{news.Pod}.", NamespaceProperty = news.Namespace },
        InvolvedObject = new() { ApiVersion = "v1", Kind = "Pod", NamespaceProperty = news.Namespace, Name = news.Pod, Uid = news.Uid, FieldPath = news.Field },
        Type = news.Type,
        Reason = news.Reason,
        Message = news.Message,
        Source = new() { Component = "kubelet", Host = news.Node },
        ReportingComponent = "kubelet",
        ReportingInstance = news.Node,
        FirstTimestamp = now,
        LastTimestamp = now,
        Count = 1,
    };

    [LoggerMessage(2411, LogLevel.Information, "{Pod}: {Reason}: {Message} (no Event: {Cause})")]
    private static partial void LogLost(ILogger logger, string pod, string reason, string message, string cause);

    private sealed record News(string Namespace, string Pod, string Uid, string Node, string? Field, string Type, string Reason, string Message);
}
