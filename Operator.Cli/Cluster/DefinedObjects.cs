using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace LlmKube.Operator.Cli.Cluster;

/// <summary>The objects of a kind that a CustomResourceDefinition defines.</summary>
/// <param name="client">The cluster.</param>
/// <param name="group">The kind's group.</param>
/// <param name="version">One of its versions that are served.</param>
/// <param name="plural">Its plural.</param>
/// <param name="namespace">The namespace to look in; null: all of them.</param>
internal sealed class DefinedObjects(IKubernetes client, string group, string version, string plural, string? @namespace = null)
{
    private const int MostNamed = 3, PageSize = 500;

    private static readonly Dictionary<string, IReadOnlyList<string>> MetadataAlone = new() { ["Accept"] = ["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"] };

    /// <summary>Those of a definition as it was built.</summary>
    public static DefinedObjects Of(IKubernetes client, JsonObject crd, string? @namespace)
    {
        var spec = crd["spec"]!;
        var version = spec["versions"]!.AsArray().First(v => (bool)v!["served"]!)!;
        return new(client, (string)spec["group"]!, (string)version["name"]!, (string)spec["names"]!["plural"]!, @namespace);
    }

    /// <summary>How many there are; none where the kind is not installed.</summary>
    public async Task<int> CountAsync(CancellationToken cancellation) => (await ListAsync(cancellation)).Count;

    /// <summary>Deletes all of them and waits until they are gone, those that somebody creates meanwhile, too.</summary>
    /// <returns>How many were deleted.</returns>
    public async Task<int> DeleteAsync(Patience patience, CancellationToken cancellation)
    {
        var deleted = new HashSet<string>();
        await patience.WaitAsync(
            async () =>
            {
                var left = await ListAsync(cancellation);
                foreach (var each in left.Where(o => o.DeletionTimestamp is null)) await DeleteAsync(each, cancellation);
                deleted.UnionWith(left.Select(o => o.Uid));
                return left.Count == 0 ? null : Obstacle(left);
            },
            cancellation);
        return deleted.Count;
    }

    private string Obstacle(IReadOnlyList<V1ObjectMeta> left)
    {
        var names = string.Join(", ", left.Take(MostNamed).Select(o => $"{o.NamespaceProperty}/{o.Name}")) + (left.Count > MostNamed ? $" and {left.Count - MostNamed} more" : "");
        var finalizers = left.SelectMany(o => o.Finalizers ?? []).Distinct().Order(StringComparer.Ordinal).ToList();
        var held = finalizers.Count == 0 ? "" : $" (held by {string.Join(", ", finalizers)}: does the operator run that releases them, and what does their status say?)";
        return $"{plural}.{group}: {names} did not go{held}";
    }

    private async Task<IReadOnlyList<V1ObjectMeta>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<V1ObjectMeta>();
        try
        {
            for (string? next = null; next != "";)
            {
                var page = await PageAsync(next, cancellation);
                found.AddRange(page.Items.Select(i => i.Metadata));
                next = page.Metadata.ContinueProperty ?? "";
            }

            return found;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }
    }

    private async Task<Listed> PageAsync(string? next, CancellationToken cancellation)
    {
        var objects = client.CustomObjects;
        using var answer = @namespace is null
            ? await objects.ListClusterCustomObjectWithHttpMessagesAsync<Listed>(group, version, plural, continueParameter: next, limit: PageSize, customHeaders: MetadataAlone, cancellationToken: cancellation)
            : await objects.ListNamespacedCustomObjectWithHttpMessagesAsync<Listed>(group, version, @namespace, plural, continueParameter: next, limit: PageSize, customHeaders: MetadataAlone, cancellationToken: cancellation);
        return answer.Body;
    }

    private async Task DeleteAsync(V1ObjectMeta each, CancellationToken cancellation)
    {
        try
        {
            await client.CustomObjects.DeleteNamespacedCustomObjectAsync(group, version, each.NamespaceProperty, plural, each.Name, cancellationToken: cancellation);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // Somebody else was faster.
        }
    }

    private sealed class Listed : KubernetesObject
    {
        public V1ListMeta Metadata { get; set; } = new();

        public IList<Item> Items { get; set; } = [];
    }

    private sealed class Item : KubernetesObject
    {
        public V1ObjectMeta Metadata { get; set; } = new();
    }
}
