using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;

namespace LlmKube.Operator.Engine.Finalizers;

/// <summary>
/// Adds and removes finalizers by a patch of the list that holds only if the object is still the one that was read. So nobody else's
/// finalizers are touched, whatever their order, and no field is lost that the C# type lacks.
/// </summary>
internal sealed class FinalizerWriter(IKubernetesClient client, OperatorSettings settings)
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
            return await PatchAsync(entity, entity.Metadata.Finalizers.Where(present => present != identifier), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return default;
        }
    }

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
