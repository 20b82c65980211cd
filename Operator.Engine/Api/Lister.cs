using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.Engine.Api;

/// <summary>A whole list.</summary>
/// <param name="ResourceVersion">The version of the collection that it shows.</param>
/// <param name="Items">Its items.</param>
internal sealed record CompleteList<T>(string? ResourceVersion, List<Decoded<T>> Items)
    where T : IKubernetesObject<V1ObjectMeta>;

/// <summary>Lists page by page.</summary>
internal static class Lister
{
    /// <summary>All items of a list, of one consistent version.</summary>
    /// <exception cref="HttpOperationException">The server refused.</exception>
    public static async Task<CompleteList<T>> ListAsync<T>(
        this ApiConnection api,
        ResourceType type,
        string? @namespace,
        string? labelSelector,
        string? fieldSelector,
        int pageSize,
        CancellationToken cancellationToken,
        Action? onPage = null)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await FromStartAsync(pageSize);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Gone)
        {
            // The version that the pages show was compacted away under us. One big page can't lose it.
            return await FromStartAsync(null);
        }

        async Task<CompleteList<T>> FromStartAsync(int? limit)
        {
            List<Decoded<T>>? items = null;
            string? next = null;
            while (true)
            {
                var request = ApiRequest.List(type, @namespace, labelSelector, fieldSelector, limit, next);
                var page = ListPage<T>.Parse(await api.SendAsync(request, cancellationToken), type);
                onPage?.Invoke();
                if (items is null) items = page.Items;
                else items.AddRange(page.Items);
                next = page.Metadata.ContinueProperty;
                if (string.IsNullOrEmpty(next)) return new(page.Metadata.ResourceVersion, items);
            }
        }
    }
}
