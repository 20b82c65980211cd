using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Reconciling;

/// <summary>The only writer of child objects. Every arm may be repeated without harm; the first failure stops the rest and is carried out as a value.</summary>
internal sealed class ActionExecutor(IKubernetesClient client, ApiCalls api, OperatorMetrics metrics, ILogger<ActionExecutor> logger)
{
    // Applies that changed nothing although a field of ours differed: an admission webhook puts its own value there. They are not repeated
    // until either side changes. Rare, and one entry per object name.
    private readonly ConcurrentDictionary<ObjectRef, FutileApply> _futile = new();

    /// <summary>Runs the actions in order.</summary>
    public async Task<ActionResults> RunAsync(IReadOnlyList<DesiredAction> actions, CancellationToken cancellationToken)
    {
        var results = new List<ActionResult>(actions.Count);
        foreach (var action in actions)
        {
            var outcome = ApplyResults.Failed;
            using var span = Spans.Start(action);
            try
            {
                var result = await RunOneAsync(action, cancellationToken);
                outcome = OutcomeOf(result);
                results.Add(result);
                if (result.Changed) logger.Acted(action.GetType().Name, action.Target);
            }
            catch (Exception e) when (IsOfTheCall(e) && !cancellationToken.IsCancellationRequested)
            {
                if (e is HttpOperationException { Response.StatusCode: HttpStatusCode.Conflict }) outcome = ApplyResults.Conflict;
                span.SetFailed(e);
                return new ActionResults(results, new ActionFailure(action, e));
            }
            finally
            {
                if (action is not DesiredAction.Delete) metrics.Applied(action.Target.Kind, outcome);
                span?.SetTag(SpanAttributes.ApplyResult, action is DesiredAction.Delete && outcome == ApplyResults.Updated ? "deleted" : outcome);
            }
        }

        return new ActionResults(results, null);
    }

    // Refused, not reached, or not answered in time, which an HttpClient tells by a cancellation of its own.
    private static bool IsOfTheCall(Exception e) => e is HttpOperationException or HttpRequestException or TimeoutException or OperationCanceledException;

    private static string OutcomeOf(ActionResult result) => result switch
    {
        { Changed: false } => ApplyResults.Unchanged,
        { Action: DesiredAction.Create or DesiredAction.Apply { Observed: null } } => ApplyResults.Created,
        _ => ApplyResults.Updated,
    };

    private Task<ActionResult> RunOneAsync(DesiredAction action, CancellationToken cancellationToken) => action switch
    {
        DesiredAction.Apply apply => apply.Desired switch
        {
            V1Deployment it => ApplyAsync(apply, it, cancellationToken),
            V1Service it => ApplyAsync(apply, it, cancellationToken),
            V1PodDisruptionBudget it => ApplyAsync(apply, it, cancellationToken),
            _ => throw UnknownKind(action),
        },
        DesiredAction.Create create => create.Desired switch
        {
            V1Job it => CreateAsync(create, it, cancellationToken),
            V1PersistentVolumeClaim it => CreateAsync(create, it, cancellationToken),
            _ => throw UnknownKind(action),
        },
        DesiredAction.Patch patch => patch.Target.Kind switch
        {
            V1Deployment.KubeKind => PatchAsync<V1Deployment>(patch, cancellationToken),
            V1Service.KubeKind => PatchAsync<V1Service>(patch, cancellationToken),
            V1Job.KubeKind => PatchAsync<V1Job>(patch, cancellationToken),
            V1PersistentVolumeClaim.KubeKind => PatchAsync<V1PersistentVolumeClaim>(patch, cancellationToken),
            _ => throw UnknownKind(action),
        },
        DesiredAction.Delete delete => DeleteAsync(delete, cancellationToken),
        _ => throw new UnreachableException($"No arm for {action.GetType().Name}."),
    };

    private async Task<ActionResult> ApplyAsync<T>(DesiredAction.Apply action, T desired, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var body = (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(desired))!;
        var key = action.Target with { Uid = null };
        string? difference = null;
        if (action.Observed is { } there)
        {
            difference = ApplyDiff.FirstDifference(body, (JsonObject)JsonNode.Parse(KubernetesJson.Serialize((T)there))!, FieldManagers.Operator);
            if (difference is null)
            {
                _futile.TryRemove(key, out _);
                return new ActionResult(action, there, Changed: false);
            }
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.ToJsonString())));
        if (action.Observed is { } observed)
        {
            if (_futile.TryGetValue(key, out var futile) && futile == new FutileApply(observed.Metadata.Uid, hash, Revision(observed)))
            {
                return new ActionResult(action, observed, Changed: false);
            }

            // A successor of the same name answers with a conflict and is looked at afresh.
            ((JsonObject)body["metadata"]!)["uid"] = observed.Metadata.Uid;
            logger.Applying(action.Target, difference!);
        }

        var patch = new V1Patch(body.ToJsonString(), V1Patch.PatchType.ApplyPatch);
        var applied = await client.PatchAsync<T>(
            patch, desired.Metadata.Name, desired.Metadata.NamespaceProperty, FieldManagers.Operator, force: true, cancellationToken: cancellationToken);
        var changed = applied.Metadata.ResourceVersion != action.Observed?.Metadata.ResourceVersion;
        if (changed) _futile.TryRemove(key, out _);
        else _futile[key] = new FutileApply(applied.Metadata.Uid, hash, Revision(applied));
        return new ActionResult(action, applied, changed);
    }

    private async Task<ActionResult> CreateAsync<T>(DesiredAction.Create action, T desired, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return new ActionResult(action, await client.CreateAsync(desired, cancellationToken), Changed: true);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Conflict && ApiStatus.ReasonOf(e) == "AlreadyExists")
        {
            return new ActionResult(action, null, Changed: false);
        }
    }

    private async Task<ActionResult> PatchAsync<T>(DesiredAction.Patch action, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var patched = await client.PatchAsync<T>(
            new V1Patch(action.MergePatch, V1Patch.PatchType.MergePatch),
            action.Target.Name,
            action.Target.Namespace,
            FieldManagers.Operator,
            cancellationToken: cancellationToken);
        return new ActionResult(action, patched, Changed: true);
    }

    private async Task<ActionResult> DeleteAsync(DesiredAction.Delete action, CancellationToken cancellationToken)
    {
        logger.Deleting(action.Target, action.Because);
        return new ActionResult(action, null, await api.DeleteAsync(action.Target, action.Propagation, cancellationToken));
    }

    // Generation counts changes of the spec alone; kinds without one (Service) have only the resourceVersion.
    private static string Revision(IKubernetesObject<V1ObjectMeta> of) =>
        of.Metadata.Generation is { } generation ? $"g{generation}" : $"v{of.Metadata.ResourceVersion}";

    private static UnreachableException UnknownKind(DesiredAction action) => new($"{action.GetType().Name} has no arm for {action.Target.Kind}.");

    private sealed record FutileApply(string? Uid, string Hash, string Revision);
}
