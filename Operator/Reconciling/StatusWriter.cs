using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Reconciling;

/// <summary>The only writer of status: whole, by UpdateStatus with the resourceVersion that was observed, and only if it changed.</summary>
internal sealed class StatusWriter(IKubernetesClient client, OperatorMetrics metrics)
{
    /// <summary>Writes the status if it says something new. A newer <c>lastUpdated</c> alone is nothing new.</summary>
    /// <returns>True if it was written; false if nothing changed, or the object has gone.</returns>
    /// <exception cref="HttpOperationException">The server refused, for instance 409 when the object has changed since it was observed.</exception>
    public async Task<bool> WriteAsync<TEntity, TStatus>(TEntity entity, TStatus next, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>, IStatus<TStatus>
    {
        if (Same(entity.Status, next)) return false;
        var before = entity.Status;
        entity.Status = next;
        using var span = Spans.Start("status.update");
        try
        {
            var written = await client.UpdateStatusAsync(entity, cancellationToken);
            entity.Metadata.ResourceVersion = written.Metadata.ResourceVersion;
            metrics.StatusWritten(ObjectRef.Of(entity).Kind);
            span?.SetTag(SpanAttributes.ApplyResult, ApplyResults.Updated);
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            span?.SetTag(SpanAttributes.ApplyResult, "gone");
            entity.Status = before;
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            span.SetFailed(e);
            throw;
        }
    }

    /// <summary>True if two statuses say the same, whenever they were written.</summary>
    public static bool Same<TStatus>(TStatus a, TStatus b) => JsonNode.DeepEquals(Content(a), Content(b));

    private static JsonObject Content<TStatus>(TStatus status)
    {
        var content = status is null ? [] : (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(status))!;
        content.Remove("lastUpdated");
        return content;
    }
}
