using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.LeaderElection;

namespace KubeOps.KubernetesClient;

public sealed partial class KubernetesClient
{
    /// <inheritdoc/>
    /// <exception cref="NotLeaderException">Leader election is on and this process does not lead. So with every write.</exception>
    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = Prepared(entity);
        return WriteAsync<TEntity>(
            ApiRequest.Create(type, entity.Metadata.NamespaceProperty, entity), ObjectKey.Of(entity), isStored: true, cancellationToken);
    }

    /// <inheritdoc/>
    async Task<TEntity> IKubernetesClient.SaveAsync<TEntity>(TEntity entity, CancellationToken cancellationToken)
    {
        // Never from a store: who asks for the last word must not lose a race against what the store has yet to hear.
        ArgumentNullException.ThrowIfNull(entity);
        if (await GetLiveAsync<TEntity>(ObjectKey.Of(entity), cancellationToken) is not { } existing)
        {
            return await CreateAsync(entity, cancellationToken);
        }

        entity.Metadata.ResourceVersion = existing.Metadata.ResourceVersion;
        return await UpdateAsync(entity, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = Prepared(entity);
        var key = ObjectKey.Of(entity);
        return WriteAsync<TEntity>(ApiRequest.Replace(type, key.Namespace, key.Name, entity), key, isStored: true, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = Prepared(entity);
        var key = ObjectKey.Of(entity);
        var request = ApiRequest.Replace(type, key.Namespace, key.Name, entity, "status");
        return WriteAsync<TEntity>(request, key, isStored: true, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(patch);
        var request = ApiRequest.Patch(ResourceType.Of<TEntity>(), @namespace, name, patch, fieldManager, force, dryRun);
        return WriteAsync<TEntity>(request, new(@namespace, name), isStored: string.IsNullOrEmpty(dryRun), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        _leadership?.EnsureLeader();
        try
        {
            await _api.SendAsync(ApiRequest.Delete(ResourceType.Of<TEntity>(), @namespace, name), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // It is gone, which is what was asked for.
        }
    }

    private static ResourceType Prepared<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(entity);
        var type = ResourceType.Of<TEntity>();
        entity.ApiVersion ??= type.ApiVersion;
        entity.Kind ??= type.Kind;
        return type;
    }

    private async Task<TEntity> WriteAsync<TEntity>(
        HttpRequestMessage request, ObjectKey key, bool isStored, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        _leadership?.EnsureLeader();
        var type = ResourceType.Of<TEntity>();
        byte[] body;
        try
        {
            body = await _api.SendAsync(request, cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            if (key.Name is not null) _cache?.Conflicted<TEntity>(key);
            throw;
        }

        return isStored ? Decoded<TEntity>(body, type) : WireFormat.Decode<TEntity>(body, type);
    }
}
