using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Controllers.Watching;

/// <summary>A page of a list of any type.</summary>
internal sealed record ItemList<T>
{
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; init; } = new();

    [JsonPropertyName("items")]
    public IReadOnlyList<T>? Items { get; init; }
}

/// <summary>An object of which only the metadata is read: what garbage collection knows of any type.</summary>
internal sealed record MetadataOnly : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata
    {
        get;
        set
        {
            // The bulk of an object's metadata, of no use to those who read metadata alone.
            value.ManagedFields = null;
            value.Annotations = null;
            field = value;
        }
    } = new();
}

/// <summary>Reads and writes objects of any type through the one client; errors are the client's <see cref="HttpOperationException"/>.</summary>
internal sealed class ClusterApi(IKubernetes client)
{
    private const int PageSize = 500;

    private static readonly Dictionary<string, IReadOnlyList<string>> MetadataListHeaders = Accepting("PartialObjectMetadataList");
    private static readonly Dictionary<string, IReadOnlyList<string>> MetadataHeaders = Accepting("PartialObjectMetadata");

    public IKubernetes Client { get; } = client;

    /// <returns>All items, over as many pages as it takes, and the resource version to watch from.</returns>
    public async Task<(IReadOnlyList<T> Items, string ResourceVersion)> ListAsync<T>(ResourceType type, string? ns, CancellationToken cancellation)
    {
        var items = new List<T>();
        string? next = null;
        while (true)
        {
            var answer = string.IsNullOrEmpty(ns)
                ? await Client.CustomObjects.ListClusterCustomObjectWithHttpMessagesAsync<ItemList<T>>(
                    type.Group, type.Version, type.Plural, limit: PageSize, continueParameter: next, customHeaders: HeadersFor<T>(MetadataListHeaders), cancellationToken: cancellation)
                : await Client.CustomObjects.ListNamespacedCustomObjectWithHttpMessagesAsync<ItemList<T>>(
                    type.Group, type.Version, ns, type.Plural, limit: PageSize, continueParameter: next, customHeaders: HeadersFor<T>(MetadataListHeaders), cancellationToken: cancellation);
            using (answer)
            {
                items.AddRange(answer.Body.Items ?? []); // An empty list of metadata is null.
                next = answer.Body.Metadata.ContinueProperty;
                if (string.IsNullOrEmpty(next)) return (items, answer.Body.Metadata.ResourceVersion);
            }
        }
    }

    /// <summary>Ends when the server closes the stream; throws a <see cref="KubernetesException"/> for an ERROR event.</summary>
    public async IAsyncEnumerable<(WatchEventType Kind, T Item)> WatchAsync<T>(
        ResourceType type, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellation)
        where T : IKubernetesObject
    {
        Exception? failure = null;
        using var answer = await Client.CustomObjects.ListClusterCustomObjectWithHttpMessagesAsync<object>(
            type.Group, type.Version, type.Plural, allowWatchBookmarks: true, resourceVersion: resourceVersion, watch: true,
            customHeaders: HeadersFor<T>(MetadataHeaders), cancellationToken: cancellation);
#pragma warning disable CS0618 // The named successors exist for each built-in type; this one serves every type from a resource version.
        await foreach (var change in Task.FromResult(answer).WatchAsync<T, object>(e => failure = e, cancellation))
#pragma warning restore CS0618
        {
            if (failure is not null) throw failure;
            yield return change;
        }

        if (failure is not null) throw failure;
    }

    public async Task<T?> FindAsync<T>(ResourceType type, ObjectKey key, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using var answer = type.Namespaced
                ? await Client.CustomObjects.GetNamespacedCustomObjectWithHttpMessagesAsync<T>(type.Group, type.Version, key.Namespace, type.Plural, key.Name, cancellationToken: cancellation)
                : await Client.CustomObjects.GetClusterCustomObjectWithHttpMessagesAsync<T>(type.Group, type.Version, type.Plural, key.Name, cancellationToken: cancellation);
            return answer.Body;
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.NotFound))
        {
            return null;
        }
    }

    public async Task<T> CreateAsync<T>(T item, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = Stamp(item);
        using var answer = type.Namespaced
            ? await Client.CustomObjects.CreateNamespacedCustomObjectWithHttpMessagesAsync<T>(item, type.Group, type.Version, item.Metadata.NamespaceProperty, type.Plural, cancellationToken: cancellation)
            : await Client.CustomObjects.CreateClusterCustomObjectWithHttpMessagesAsync<T>(item, type.Group, type.Version, type.Plural, cancellationToken: cancellation);
        return answer.Body;
    }

    public async Task<T> ReplaceAsync<T>(T item, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = Stamp(item);
        using var answer = type.Namespaced
            ? await Client.CustomObjects.ReplaceNamespacedCustomObjectWithHttpMessagesAsync<T>(item, type.Group, type.Version, item.Metadata.NamespaceProperty, type.Plural, item.Metadata.Name, cancellationToken: cancellation)
            : await Client.CustomObjects.ReplaceClusterCustomObjectWithHttpMessagesAsync<T>(item, type.Group, type.Version, type.Plural, item.Metadata.Name, cancellationToken: cancellation);
        return answer.Body;
    }

    public async Task<T> ReplaceStatusAsync<T>(T item, CancellationToken cancellation)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = Stamp(item);
        using var answer = type.Namespaced
            ? await Client.CustomObjects.ReplaceNamespacedCustomObjectStatusWithHttpMessagesAsync<T>(item, type.Group, type.Version, item.Metadata.NamespaceProperty, type.Plural, item.Metadata.Name, cancellationToken: cancellation)
            : await Client.CustomObjects.ReplaceClusterCustomObjectStatusWithHttpMessagesAsync<T>(item, type.Group, type.Version, type.Plural, item.Metadata.Name, cancellationToken: cancellation);
        return answer.Body;
    }

    /// <summary>Sends a JSON merge patch; with <c>metadata.resourceVersion</c> in it, it is refused if the object has moved on.</summary>
    public async Task<T> PatchAsync<T>(ResourceType type, ObjectKey key, object patch, CancellationToken cancellation)
    {
        var body = new V1Patch(patch, V1Patch.PatchType.MergePatch);
        using var answer = type.Namespaced
            ? await Client.CustomObjects.PatchNamespacedCustomObjectWithHttpMessagesAsync<T>(body, type.Group, type.Version, key.Namespace, type.Plural, key.Name, cancellationToken: cancellation)
            : await Client.CustomObjects.PatchClusterCustomObjectWithHttpMessagesAsync<T>(body, type.Group, type.Version, type.Plural, key.Name, cancellationToken: cancellation);
        return answer.Body;
    }

    public async Task<T> PatchStatusAsync<T>(ResourceType type, ObjectKey key, object patch, CancellationToken cancellation)
    {
        var body = new V1Patch(patch, V1Patch.PatchType.MergePatch);
        using var answer = type.Namespaced
            ? await Client.CustomObjects.PatchNamespacedCustomObjectStatusWithHttpMessagesAsync<T>(body, type.Group, type.Version, key.Namespace, type.Plural, key.Name, cancellationToken: cancellation)
            : await Client.CustomObjects.PatchClusterCustomObjectStatusWithHttpMessagesAsync<T>(body, type.Group, type.Version, type.Plural, key.Name, cancellationToken: cancellation);
        return answer.Body;
    }

    /// <summary>Deletes that very object (by uid); one that is gone or has been replaced is none of the caller's business.</summary>
    public async Task DeleteAsync(
        ResourceType type, ObjectKey key, string? uid, CancellationToken cancellation, string? propagation = null, long? graceSeconds = null)
    {
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            PropagationPolicy = propagation,
            GracePeriodSeconds = graceSeconds,
            Preconditions = uid is null ? null : new() { Uid = uid },
        };
        try
        {
            if (type.Namespaced)
            {
                using var answer = await Client.CustomObjects.DeleteNamespacedCustomObjectWithHttpMessagesAsync<object>(
                    type.Group, type.Version, key.Namespace, type.Plural, key.Name, options, cancellationToken: cancellation);
            }
            else
            {
                using var answer = await Client.CustomObjects.DeleteClusterCustomObjectWithHttpMessagesAsync<object>(
                    type.Group, type.Version, type.Plural, key.Name, options, cancellationToken: cancellation);
            }
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.NotFound) || (uid is not null && e.Is(HttpStatusCode.Conflict)))
        {
        }
    }

    /// <summary>What <see cref="IKubernetes"/> has no call for: discovery without a slash at the end, logs that nodes bring.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        if (Client is not Kubernetes connection) throw new NotSupportedException($"A {Client.GetType().Name} can't send {method} {path}.");
        using var request = new HttpRequestMessage(method, new Uri(connection.BaseUri, path)) { Content = content, Version = HttpVersion.Version20 };
        if (connection.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, cancellation);
        return await connection.HttpClient.SendAsync(request, cancellation);
    }

    /// <summary>Reads one document of the API.</summary>
    public async Task<T> ReadAsync<T>(string path, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, cancellation);
        answer.EnsureSuccessStatusCode();
        return KubernetesJson.Deserialize<T>(await answer.Content.ReadAsStringAsync(cancellation));
    }

    private static Dictionary<string, IReadOnlyList<string>> Accepting(string kind) =>
        new() { ["Accept"] = [$"application/json;as={kind};g=meta.k8s.io;v=v1,application/json"] };

    private static Dictionary<string, IReadOnlyList<string>>? HeadersFor<T>(Dictionary<string, IReadOnlyList<string>> metadata) => typeof(T) == typeof(MetadataOnly) ? metadata : null;

    private static ResourceType Stamp<T>(T item)
        where T : IKubernetesObject
    {
        var type = ResourceType.Of<T>();
        item.ApiVersion = type.ApiVersion;
        item.Kind = type.Kind;
        return type;
    }
}
