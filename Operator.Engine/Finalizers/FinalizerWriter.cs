using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Engine.Api;

namespace LlmKube.Operator.Engine.Finalizers;

/// <summary>
/// Adds and removes finalizers by a patch of the list that holds only if the object is still the one that was read. So nobody else's
/// finalizers are touched, whatever their order, and no field is lost that the C# type lacks.
/// </summary>
internal sealed class FinalizerWriter(IKubernetesClient client, ReadCache cache, OperatorSettings settings)
{
    /// <summary>Adds what is missing.</summary>
    /// <returns>The object as it is then.</returns>
    /// <exception cref="HttpOperationException">409: the object has changed meanwhile.</exception>
    public async Task<TEntity> AddAsync<TEntity>(TEntity entity, IEnumerable<string> identifiers, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var present = entity.Metadata.Finalizers ?? [];
        List<string> wanted = [.. present, .. identifiers.Where(identifier => !present.Contains(identifier))];
        return wanted.Count == present.Count ? entity : await PatchAsync(entity, wanted, cancellationToken);
    }

    /// <summary>Removes one.</summary>
    /// <returns>The object as it is then; null if it is gone.</returns>
    /// <exception cref="HttpOperationException">409: the object has changed meanwhile.</exception>
    public async Task<TEntity?> RemoveAsync<TEntity>(TEntity entity, string identifier, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        if (entity.Metadata.Finalizers?.Contains(identifier) is not true) return entity;
        try
        {
            var left = await PatchAsync(entity, entity.Metadata.Finalizers.Where(present => present != identifier), cancellationToken);
            if (HoldsNothingBack(left.Metadata)) cache.Ended<TEntity>(ObjectKey.Of(left), left.Metadata.Uid);
            return left;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return default;
        }
    }

    // The removal of the last finalizer of an object that is to go ends it. (A pod may still have its grace period.)
    private static bool HoldsNothingBack(V1ObjectMeta metadata) =>
        metadata is { DeletionTimestamp: not null, Finalizers: null or [], DeletionGracePeriodSeconds: null or 0 };

    private Task<TEntity> PatchAsync<TEntity>(TEntity entity, IEnumerable<string> finalizers, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = entity.Metadata.Uid,
                ["resourceVersion"] = entity.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => JsonValue.Create(finalizer))]),
            },
        };
        return client.PatchAsync(
            entity, new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch), settings.Name, cancellationToken: cancellationToken);
    }
}
