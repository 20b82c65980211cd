using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Garbage;

/// <summary>Asks the server what it serves.</summary>
internal static class Discovery
{
    /// <summary>The preferred version of each resource that can be listed, watched and deleted.</summary>
    public static async Task<IReadOnlyList<ResourceType>> DeletableAsync(ClusterApi api, CancellationToken cancellation)
    {
        var types = new List<ResourceType>();
        types.AddRange(Select("", "v1", await api.ReadAsync<V1APIResourceList>("api/v1", cancellation)));
        var groups = await api.ReadAsync<V1APIGroupList>("apis", cancellation);
        foreach (var group in groups.Groups)
        {
            var version = (group.PreferredVersion ?? group.Versions[0]).Version;
            types.AddRange(Select(group.Name, version, await api.ReadAsync<V1APIResourceList>($"apis/{group.Name}/{version}", cancellation)));
        }

        return types;
    }

    private static IEnumerable<ResourceType> Select(string group, string version, V1APIResourceList served) => served.Resources
        .Where(r => !r.Name.Contains('/') && r.Verbs.Contains("list") && r.Verbs.Contains("watch") && r.Verbs.Contains("delete"))
        .Select(r => new ResourceType(group, version, r.Name, r.Kind, r.Namespaced));
}
