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
    private const int MostNamed = 3;

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
        using var generic = new GenericClient(client, group, version, plural, disposeClient: false);
        try
        {
            var list = @namespace is null ? await generic.ListAsync<Listed>(cancel: cancellation) : await generic.ListNamespacedAsync<Listed>(@namespace, cancel: cancellation);
            return [.. list.Items.Select(i => i.Metadata)];
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }
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
        public IList<Item> Items { get; set; } = [];
    }

    private sealed class Item : KubernetesObject
    {
        public V1ObjectMeta Metadata { get; set; } = new();
    }
}
