using k8s;
using k8s.Models;

namespace KubeOps.KubernetesClient;

public partial interface IKubernetesClient
{
    /// <summary>
    /// Updates the object if one of its name exists, else creates it. The last writer wins: it asks the API server, not a store, for the
    /// version to overwrite. Who writes between that and the update makes it fail (409).
    /// </summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">The whole object; its resource version is overwritten.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    async Task<TEntity> SaveAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        if (await GetAsync<TEntity>(entity.Metadata.Name, entity.Metadata.NamespaceProperty, cancellationToken) is not { } existing)
        {
            return await CreateAsync(entity, cancellationToken);
        }

        entity.Metadata.ResourceVersion = existing.Metadata.ResourceVersion;
        return await UpdateAsync(entity, cancellationToken);
    }

    /// <inheritdoc cref="SaveAsync{TEntity}(TEntity, CancellationToken)"/>
    /// <param name="entities">The objects.</param>
    async Task<IEnumerable<TEntity>> SaveAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => SaveAsync(entity, cancellationToken)));

    /// <inheritdoc cref="SaveAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    Task<IEnumerable<TEntity>> SaveAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => SaveAsync(entities.AsEnumerable());

    /// <inheritdoc cref="SaveAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Save<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(SaveAsync(entity));

    /// <inheritdoc cref="SaveAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Save<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(SaveAsync(entities));

    /// <inheritdoc cref="SaveAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Save<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(SaveAsync(entities));

    /// <summary>Creates the object. One of its name that exists already is an error (409).</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">The object; its metadata tells its namespace.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The object as the server stored it.</returns>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="CreateAsync{TEntity}(TEntity, CancellationToken)"/>
    /// <param name="entities">The objects.</param>
    async Task<IEnumerable<TEntity>> CreateAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => CreateAsync(entity, cancellationToken)));

    /// <inheritdoc cref="CreateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    Task<IEnumerable<TEntity>> CreateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => CreateAsync(entities.AsEnumerable());

    /// <inheritdoc cref="CreateAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Create<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(CreateAsync(entity));

    /// <inheritdoc cref="CreateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Create<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(CreateAsync(entities));

    /// <inheritdoc cref="CreateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Create<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(CreateAsync(entities));

    /// <summary>Replaces the object. If its resource version is set and no longer the current one, that is an error (409).</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">The whole object: fields that its C# type lacks are lost.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The object as the server stored it.</returns>
    Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="UpdateAsync{TEntity}(TEntity, CancellationToken)"/>
    /// <param name="entities">The objects.</param>
    async Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        await Task.WhenAll(entities.Select(entity => UpdateAsync(entity, cancellationToken)));

    /// <inheritdoc cref="UpdateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    Task<IEnumerable<TEntity>> UpdateAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => UpdateAsync(entities.AsEnumerable());

    /// <inheritdoc cref="UpdateAsync{TEntity}(TEntity, CancellationToken)"/>
    TEntity Update<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(UpdateAsync(entity));

    /// <inheritdoc cref="UpdateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Update<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(UpdateAsync(entities));

    /// <inheritdoc cref="UpdateAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    IEnumerable<TEntity> Update<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(UpdateAsync(entities));

    /// <summary>Replaces the object's status, and nothing else of it.</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">The object with its new status and the resource version that it was read at.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The object as the server stored it.</returns>
    Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="UpdateStatusAsync{TEntity}"/>
    TEntity UpdateStatus<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(UpdateStatusAsync(entity));

    /// <summary>Patches the object that has the given one's name and namespace.</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">Tells name and namespace.</param>
    /// <param name="patch">The patch, of any of the four kinds.</param>
    /// <param name="fieldManager">Who writes; required for server-side apply.</param>
    /// <param name="force">With server-side apply: take fields over from other managers.</param>
    /// <param name="dryRun"><c>All</c>: check only, store nothing.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The object as the server stored it.</returns>
    Task<TEntity> PatchAsync<TEntity>(
        TEntity entity,
        V1Patch patch,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<TEntity>(
            patch, entity.Metadata.Name, entity.Metadata.NamespaceProperty, fieldManager, force, dryRun, cancellationToken);

    /// <inheritdoc cref="PatchAsync{TEntity}(TEntity, V1Patch, string?, bool?, string?, CancellationToken)"/>
    /// <param name="name">The object's name.</param>
    /// <param name="namespace">Its namespace; null for cluster-scoped types.</param>
    Task<TEntity> PatchAsync<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="PatchAsync{TEntity}(TEntity, V1Patch, string?, bool?, string?, CancellationToken)"/>
    TEntity Patch<TEntity>(TEntity entity, V1Patch patch, string? fieldManager = null, bool? force = null, string? dryRun = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(PatchAsync(entity, patch, fieldManager, force, dryRun));

    /// <inheritdoc cref="PatchAsync{TEntity}(V1Patch, string, string?, string?, bool?, string?, CancellationToken)"/>
    TEntity Patch<TEntity>(
        V1Patch patch,
        string name,
        string? @namespace = null,
        string? fieldManager = null,
        bool? force = null,
        string? dryRun = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Blocking.Result(PatchAsync<TEntity>(patch, name, @namespace, fieldManager, force, dryRun));

    /// <summary>Deletes the object with the server's default propagation. One that is gone already is no error.</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="entity">Tells name and namespace.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task DeleteAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync<TEntity>(entity.Metadata.Name, entity.Metadata.NamespaceProperty, cancellationToken);

    /// <inheritdoc cref="DeleteAsync{TEntity}(TEntity, CancellationToken)"/>
    /// <param name="name">The object's name.</param>
    /// <param name="namespace">Its namespace; null for cluster-scoped types.</param>
    Task DeleteAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="DeleteAsync{TEntity}(TEntity, CancellationToken)"/>
    /// <param name="entities">The objects.</param>
    Task DeleteAsync<TEntity>(IEnumerable<TEntity> entities, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Task.WhenAll(entities.Select(entity => DeleteAsync(entity, cancellationToken)));

    /// <inheritdoc cref="DeleteAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    Task DeleteAsync<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => DeleteAsync(entities.AsEnumerable());

    /// <inheritdoc cref="DeleteAsync{TEntity}(TEntity, CancellationToken)"/>
    void Delete<TEntity>(TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Wait(DeleteAsync(entity));

    /// <inheritdoc cref="DeleteAsync{TEntity}(string, string?, CancellationToken)"/>
    void Delete<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Wait(DeleteAsync<TEntity>(name, @namespace));

    /// <inheritdoc cref="DeleteAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    void Delete<TEntity>(IEnumerable<TEntity> entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Wait(DeleteAsync(entities));

    /// <inheritdoc cref="DeleteAsync{TEntity}(IEnumerable{TEntity}, CancellationToken)"/>
    void Delete<TEntity>(params TEntity[] entities)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Wait(DeleteAsync(entities));
}
