using k8s;
using k8s.Models;
using KubeOps.KubernetesClient.Selectors;

namespace KubeOps.KubernetesClient;

/// <summary>
/// Reads, writes and watches Kubernetes objects by their C# type. Group, version and plural come from the type's
/// <see cref="KubernetesEntityAttribute"/>. A request that the API server refuses throws
/// <see cref="k8s.Autorest.HttpOperationException"/>; its message is the server's own.
/// </summary>
/// <remarks>
/// This engine's implementation answers reads from an informer's store when that store provably covers the query, and asks the
/// API server otherwise. <b>Objects that come from a store are shared: never change them</b>, copy first.
/// The members are KubeOps', as are their defaults; those that need the package JsonPatch.Net are left out.
/// </remarks>
public partial interface IKubernetesClient : IDisposable
{
    /// <summary>The untyped client below this one, for what this interface can't say.</summary>
    IKubernetes ApiClient { get; }

    /// <summary>The address of the API server.</summary>
    Uri BaseUri { get; }

    /// <summary>The namespace that this process runs in.</summary>
    /// <param name="downwardApiEnvName">An environment variable that names it, usually filled by the downward API.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The variable's value, else that of the mounted service account, else that of the kube context, else <c>default</c>.</returns>
    Task<string> GetCurrentNamespaceAsync(string downwardApiEnvName = "POD_NAMESPACE", CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetCurrentNamespaceAsync"/>
    string GetCurrentNamespace(string downwardApiEnvName = "POD_NAMESPACE");

    /// <summary>One object, or null if there is none of that name.</summary>
    /// <typeparam name="TEntity">The type of the object.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="namespace">Its namespace; null for cluster-scoped types.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="GetAsync{TEntity}"/>
    TEntity? Get<TEntity>(string name, string? @namespace = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a type, page by page until the last.</summary>
    /// <typeparam name="TEntity">The type of the objects.</typeparam>
    /// <param name="namespace">The namespace to look in; null for all.</param>
    /// <param name="labelSelector">Restricts by labels, in the notation of <c>kubectl -l</c>.</param>
    /// <param name="fieldSelector">Restricts by fields, in the notation of <c>kubectl --field-selector</c>.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a type that meet every selector.</summary>
    /// <typeparam name="TEntity">The type of the objects.</typeparam>
    /// <param name="namespace">The namespace to look in; null for all.</param>
    /// <param name="selectors">Label and field selectors.</param>
    Task<IList<TEntity>> ListAsync<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        ListAsync<TEntity>(@namespace, selectors.LabelExpression(), selectors.FieldExpression());

    /// <inheritdoc cref="ListAsync{TEntity}(string?, string?, string?, CancellationToken)"/>
    IList<TEntity> List<TEntity>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="ListAsync{TEntity}(string?, KubernetesSelector[])"/>
    IList<TEntity> List<TEntity>(string? @namespace = null, params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        List<TEntity>(@namespace, selectors.LabelExpression(), selectors.FieldExpression());

    /// <summary>Calls back for every change, from a background task, until it is disposed.</summary>
    /// <typeparam name="TEntity">The type of the objects.</typeparam>
    /// <param name="onEvent">Called for every event, one at a time.</param>
    /// <param name="onError">Called when the stream breaks or says that it can't go on.</param>
    /// <param name="onClose">Called once, when the stream has ended.</param>
    /// <param name="namespace">The namespace to look in; null for all.</param>
    /// <param name="timeout">How long the server keeps the stream open.</param>
    /// <param name="allowWatchBookmarks">Asks for bookmark events.</param>
    /// <param name="resourceVersion">The version after which to start; null replays the present state first.</param>
    /// <param name="labelSelector">Restricts by labels.</param>
    /// <param name="fieldSelector">Restricts by fields.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <inheritdoc cref="Watch{TEntity}(Action{WatchEventType, TEntity}, Action{Exception}?, Action?, string?, TimeSpan?, bool?, string?, string?, string?, CancellationToken)"/>
    /// <param name="selectors">Label and field selectors.</param>
    Watcher<TEntity> Watch<TEntity>(
        Action<WatchEventType, TEntity> onEvent,
        Action<Exception>? onError = null,
        Action? onClose = null,
        string? @namespace = null,
        TimeSpan? timeout = null,
        bool? allowWatchBookmarks = null,
        string? resourceVersion = null,
        CancellationToken cancellationToken = default,
        params KubernetesSelector[] selectors)
        where TEntity : IKubernetesObject<V1ObjectMeta> =>
        Watch(
            onEvent,
            onError,
            onClose,
            @namespace,
            timeout,
            allowWatchBookmarks,
            resourceVersion,
            selectors.LabelExpression(),
            selectors.FieldExpression(),
            cancellationToken);

    /// <summary>One watch, as a stream that ends when the server closes it. Resuming is the caller's affair.</summary>
    /// <typeparam name="TEntity">The type of the objects.</typeparam>
    /// <param name="namespace">The namespace to look in; null for all.</param>
    /// <param name="resourceVersion">The version after which to start; null replays the present state first.</param>
    /// <param name="labelSelector">Restricts by labels.</param>
    /// <param name="fieldSelector">Restricts by fields.</param>
    /// <param name="allowWatchBookmarks">Asks for bookmark events.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="KubernetesException">The stream carried an error, e.g. 410 Gone.</exception>
    IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
