using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.Api;

namespace KubeOps.KubernetesClient;

public sealed partial class KubernetesClient
{
    /// <inheritdoc/>
    public Watcher<TEntity> Watch<TEntity>(
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
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var request = ApiRequest.Watch(
            ResourceType.Of<TEntity>(),
            @namespace,
            labelSelector,
            fieldSelector,
            resourceVersion,
            allowWatchBookmarks is true,
            timeout);
        return new Watcher<TEntity>(OpenAsync, onEvent, onError, onClose);

        async Task<TextReader> OpenAsync()
        {
            // The reader is the watcher's to dispose, and the connection goes with it.
            var response = await _api.OpenAsync(request, cancellationToken);
            return new WatchReader(response, await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="UndecodableObjectException">An object can't be decoded.</exception>
    public async IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> WatchAsync<TEntity>(
        string? @namespace = null,
        string? resourceVersion = null,
        string? labelSelector = null,
        string? fieldSelector = null,
        bool? allowWatchBookmarks = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<TEntity>();
        var request = ApiRequest.Watch(
            type, @namespace, labelSelector, fieldSelector, resourceVersion, allowWatchBookmarks is true, timeout: null);
        using var response = await _api.OpenAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var seen in WatchStream.ReadAsync<TEntity>(stream, type, cancellationToken))
        {
            switch (seen.Type)
            {
                case WatchEventType.Error:
                    throw new KubernetesException(seen.Error!);
                case WatchEventType.Bookmark:
                    // Of a bookmark only the version counts.
                    var bookmark = Activator.CreateInstance<TEntity>();
                    bookmark.Metadata = seen.Item.Metadata;
                    yield return (seen.Type, bookmark);
                    break;
                default:
                    yield return (seen.Type, seen.Item.Entity ?? throw seen.Item.AsException(type));
                    break;
            }
        }
    }
}
