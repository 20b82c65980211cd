using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.LeaderElection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeOps.KubernetesClient;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed partial class KubernetesClient : IKubernetesClient
{
    private const int PageSize = 500;

    private readonly KubernetesClientConfiguration? _configuration;
    private readonly ApiConnection _api;
    private readonly ReadCache? _cache;
    private readonly Leadership? _leadership;
    private readonly ILogger _logger;
    private readonly bool _ownsApiClient;

    /// <summary>
    /// Forgets what was learnt about types. KubeOps keeps their metadata in a cache that tests clear; here the attributes of a type
    /// are read once and can't change, so there is nothing to forget.
    /// </summary>
    public static void ClearMetadataCache()
    {
        // See above.
    }

    /// <summary>A client for the cluster that the process runs in, else for that of the kube config. It has no store to answer from.</summary>
    public KubernetesClient()
        : this(KubernetesClientConfiguration.BuildDefaultConfig())
    {
    }

    /// <summary>A client for a cluster. It has no store to answer from.</summary>
    /// <param name="clientConfig">Tells address and credentials.</param>
    public KubernetesClient(KubernetesClientConfiguration clientConfig)
        : this(clientConfig, new Kubernetes(clientConfig)) => _ownsApiClient = true;

    /// <summary>A client over an untyped one. It has no store to answer from.</summary>
    /// <param name="clientConfig">Tells the namespace.</param>
    /// <param name="client">A <see cref="Kubernetes"/>; it stays the caller's to dispose.</param>
    /// <exception cref="NotSupportedException"><paramref name="client"/> is not a <see cref="Kubernetes"/>.</exception>
    public KubernetesClient(KubernetesClientConfiguration clientConfig, IKubernetes client)
        : this(clientConfig, client, null, null, NullLogger.Instance)
    {
    }

    internal KubernetesClient(
        KubernetesClientConfiguration? configuration, IKubernetes client, ReadCache? cache, Leadership? leadership, ILogger logger)
    {
        _configuration = configuration;
        ApiClient = client;
        _api = new(client);
        _cache = cache;
        _leadership = leadership;
        _logger = logger;
    }

    /// <inheritdoc/>
    public IKubernetes ApiClient { get; }

    /// <summary>
    /// True: a list that a store can answer is answered from it alone, also where a write has just disproved what it knows. For who only looks on
    /// and must not wait; the next one to act on the object still gets the news.
    /// </summary>
    internal bool LooksOn { get; init; }

    /// <inheritdoc/>
    public Uri BaseUri => ApiClient.BaseUri;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsApiClient) ApiClient.Dispose();
    }

    /// <inheritdoc/>
    public Task<string> GetCurrentNamespaceAsync(
        string downwardApiEnvName = "POD_NAMESPACE", CancellationToken cancellationToken = default) =>
        CurrentNamespace.FindAsync(downwardApiEnvName, _configuration?.Namespace, cancellationToken);

    /// <inheritdoc/>
    public string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE") =>
        Blocking.Result(GetCurrentNamespaceAsync(downwardApiEnvName));

    /// <inheritdoc/>
    /// <exception cref="UndecodableObjectException">The object exists and can't be decoded.</exception>
    public async Task<TEntity?> GetAsync<TEntity>(
        string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var key = new ObjectKey(ResourceType.Of<TEntity>().IsNamespaced ? @namespace : null, name);
        foreach (var informer in _cache?.Of<TEntity>(key.Namespace) ?? [])
        {
            if (informer.TakeDistrust(key)) return await GetDistrustedAsync(informer, key, cancellationToken);
            if (informer.ProblemOf(key) is { } problem) throw problem;
            if (informer.Store.Get(key) is { } stored) return stored;
            if (informer.Scope is { IsUnfiltered: true }) return default;
        }

        return await GetLiveAsync<TEntity>(key, cancellationToken);
    }

    /// <inheritdoc/>
    public TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(GetAsync<TEntity>(name, @namespace));

    /// <inheritdoc/>
    public async Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<TEntity>();
        @namespace = type.IsNamespaced && !string.IsNullOrEmpty(@namespace) ? @namespace : null;
        if (_cache?.Covering<TEntity>(@namespace, labelSelector, fieldSelector) is { } covered)
        {
            foreach (var key in LooksOn ? [] : covered.Informer.Distrusted)
            {
                if ((@namespace is null || key.Namespace == @namespace) && covered.Informer.TakeDistrust(key))
                {
                    await RefreshAsync(covered.Informer, key, cancellationToken);
                }
            }

            return covered.Informer.Store.List(@namespace, covered.Labels, covered.Fields);
        }

        var list = await _api.ListAsync<TEntity>(type, @namespace, labelSelector, fieldSelector, PageSize, cancellationToken);
        var entities = new List<TEntity>(list.Items.Count);
        foreach (var item in list.Items)
        {
            if (item.Entity is { } entity) entities.Add(entity);
            else _logger.LeftOutOfList(type.Kind, ObjectKey.Of(item.Metadata), item.Error!.Message);
        }

        return entities;
    }

    /// <inheritdoc/>
    public IList<TEntity> List<TEntity>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null)
        where TEntity : IKubernetesObject<V1ObjectMeta> => Blocking.Result(ListAsync<TEntity>(@namespace, labelSelector, fieldSelector));

    /// <summary>
    /// An object whose stored state was known to be old, as the API server has it now; null if there is none. The asker has taken the
    /// informer's distrust; if the API server does not answer, the distrust is put back for the next one.
    /// </summary>
    internal async Task<TEntity?> GetDistrustedAsync<TEntity>(Informer<TEntity> informer, ObjectKey key, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var isAnswered = false;
        try
        {
            var live = await GetLiveAsync<TEntity>(key, cancellationToken);
            isAnswered = true;
            return live;
        }
        catch (UndecodableObjectException)
        {
            isAnswered = true;
            throw;
        }
        finally
        {
            if (!isAnswered) informer.Distrust(key);
        }
    }

    // An object as the API server has it now; null if there is none.
    private async Task<TEntity?> GetLiveAsync<TEntity>(ObjectKey key, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<TEntity>();
        var before = _cache?.UidOf<TEntity>(key);
        byte[] body;
        try
        {
            body = await _api.SendAsync(ApiRequest.Get(type, key.Namespace, key.Name), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // What a store knew before we asked is gone.
            if (before is not null) _cache?.Ended<TEntity>(key, before);
            return default;
        }

        return Decoded<TEntity>(body, type);
    }

    // For a list: one that can't be decoded is left out of it.
    private async Task RefreshAsync<TEntity>(Informer<TEntity> informer, ObjectKey key, CancellationToken cancellationToken)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await GetDistrustedAsync(informer, key, cancellationToken);
        }
        catch (UndecodableObjectException e)
        {
            _logger.LeftOutOfList(informer.Type.Kind, key, e.Message);
        }
    }

    private TEntity Decoded<TEntity>(byte[] body, ResourceType type)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var item = ItemDecoder.Decode<TEntity>(body, type);
        if (item.Entity is not { } entity) throw item.AsException(type);
        _cache?.Answered(() => WireFormat.Decode<TEntity>(body, type), entity.Metadata);
        return entity;
    }
}
