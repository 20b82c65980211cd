using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>The aggregated discovery document (apidiscovery.k8s.io/v2): all groups, versions and resources in one answer.</summary>
internal static class AggregatedDiscovery
{
    public const string ContentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public static bool IsAsked(string accept) => accept.Split(',').Any(range =>
        range.Contains("g=apidiscovery.k8s.io", StringComparison.Ordinal) && range.Contains("v=v2", StringComparison.Ordinal)
        && !range.Contains("v=v2beta1", StringComparison.Ordinal) && range.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)
        && range.TrimStart().StartsWith("application/json", StringComparison.Ordinal));

    /// <param name="core">The core group (asked at /api) or all others (asked at /apis).</param>
    public static JsonObject Document(ResourceRegistry registry, bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = ApiObject.List(registry.All.Where(r => r.Group.Length == 0 == core).GroupBy(r => r.Group).Select(Group)),
    };

    private static JsonObject Group(IGrouping<string, ResourceDefinition> group) => new()
    {
        ["metadata"] = group.Key.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group.Key },
        ["versions"] = ApiObject.List(Versions.Ordered(group.Select(r => r.Version)).Select(version => new JsonObject
        {
            ["version"] = version,
            ["resources"] = ApiObject.List(group.Where(r => r.Version == version).Select(Resource)),
            ["freshness"] = "Current",
        })),
    };

    private static JsonObject Resource(ResourceDefinition resource)
    {
        var json = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource.Group, resource.Version, resource.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.SingularName,
            ["verbs"] = DiscoveryDocuments.Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) json["shortNames"] = DiscoveryDocuments.Texts(resource.ShortNames);
        if (resource.Categories.Count > 0) json["categories"] = DiscoveryDocuments.Texts(resource.Categories);
        var subresources = SubresourceList.Of(resource).Select(s => new JsonObject
        {
            ["subresource"] = s.Name,
            ["responseKind"] = Kind(s.Group ?? resource.Group, s.Version ?? resource.Version, s.Kind),
            ["verbs"] = DiscoveryDocuments.Texts(s.Verbs),
        }).ToList();
        if (subresources.Count > 0) json["subresources"] = ApiObject.List(subresources);
        return json;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
