using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Events;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Metrics;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Engine.Events;

/// <summary>
/// Publishes Kubernetes Events. The same news again raises the count of the Event that is there; an object about which there is too much
/// news loses some of it. Nothing that goes wrong here is the reconciler's trouble: it is counted and logged.
/// </summary>
internal sealed class EventRecorder(
    ApiConnection api,
    IEventResourceFactory factory,
    Leadership leadership,
    EngineMetrics metrics,
    TimeProvider time,
    ILogger<EventRecorder> logger) : IEventPublisherFactory
{
    // client-go's limits (tools/record): per object 25 at once, then one in five minutes; 4096 things remembered.
    private const int Burst = 25;
    private const int Remembered = 4096;
    private static readonly TimeSpan PerEvent = TimeSpan.FromMinutes(5);
    private static readonly ResourceType Type = ResourceType.Of<Corev1Event>();

    // Guards the two below.
    private readonly Lock _gate = new();
    private readonly LeastRecentlyUsed<string, TokenBucket> _buckets = new(Remembered);
    private readonly LeastRecentlyUsed<string, int> _counts = new(Remembered);

    public EventPublisher Create() => PublishAsync;

    public async Task PublishAsync(
        IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        var result = "failed";
        try
        {
            result = await TryPublishAsync(factory.CreateEvent(entity, reason, message, type), cancellationToken);
        }
        catch (HttpOperationException e) when (IsNamespaceEnding(e))
        {
            result = "skipped"; // Its namespace is being deleted, and the Events with it.
        }
        catch (NotLeaderException)
        {
            result = "skipped"; // Whoever leads now tells it.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = "skipped"; // We are stopping.
        }
#pragma warning disable CA1031 // An Event is news, not work: the work goes on without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.PublishFailed(reason, entity.Kind, ObjectKey.Of(entity), e);
        }

        metrics.Event(result);
    }

    private static bool IsNamespaceEnding(HttpOperationException e) => e.Response.StatusCode switch
    {
        HttpStatusCode.NotFound => true, // It has ended.
        HttpStatusCode.Forbidden => e.Body is V1Status status
            && (status.Details?.Causes?.Any(cause => cause.Reason == "NamespaceTerminating") is true
                || status.Message?.Contains("because it is being terminated", StringComparison.Ordinal) is true),
        _ => false,
    };

    private async Task<string> TryPublishAsync(Corev1Event news, CancellationToken cancellationToken)
    {
        leadership.EnsureLeader();
        var key = $"{news.Metadata.NamespaceProperty}/{news.Metadata.Name}";
        int count;
        lock (_gate)
        {
            var about = news.InvolvedObject.Uid ?? key;
            if (!_buckets.TryGet(about, out var bucket)) _buckets.Set(about, bucket = new(Burst, PerEvent, time));
            if (!bucket.TryTake()) return "dropped";
            count = _counts.TryGet(key, out var before) ? before + 1 : 1;
            _counts.Set(key, count);
        }

        if (count > 1 && await TryRepeatAsync(news, count, cancellationToken)) return "repeated";
        try
        {
            await api.SendAsync(ApiRequest.Create(Type, news.Metadata.NamespaceProperty, news), cancellationToken);
            lock (_gate) _counts.Set(key, 1);
            return "created";
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // From before we were started.
            var existing = WireFormat.Decode<Corev1Event>(
                await api.SendAsync(ApiRequest.Get(Type, news.Metadata.NamespaceProperty, news.Metadata.Name), cancellationToken), Type);
            count = (existing.Count ?? 1) + 1;
            lock (_gate) _counts.Set(key, count);
            return await TryRepeatAsync(news, count, cancellationToken) ? "repeated" : "skipped";
        }
    }

    // False if the Event is no longer there: they live an hour.
    private async Task<bool> TryRepeatAsync(Corev1Event news, int count, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["count"] = count,
            ["lastTimestamp"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        };
        try
        {
            var body = new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch);
            await api.SendAsync(
                ApiRequest.Patch(Type, news.Metadata.NamespaceProperty, news.Metadata.Name, body, null, null, null), cancellationToken);
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
