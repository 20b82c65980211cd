using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>What the server serves, in the two forms that clients ask for: group by group, and all at once.</summary>
internal static class DiscoveryDocuments
{
    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public static JsonObject Groups(ResourceRegistry registry) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = ApiObject.List(ByGroup(registry).Select(g => Group(g.Key, [.. g]))),
    };

    public static JsonObject? Group(ResourceRegistry registry, string group)
    {
        if (ByGroup(registry).FirstOrDefault(g => g.Key == group) is not { } found) return null;
        var json = Group(group, [.. found]);
        json.Insert(0, "kind", "APIGroup");
        json.Insert(1, "apiVersion", "v1");
        return json;
    }

    public static JsonObject? Resources(ResourceRegistry registry, string group, string version)
    {
        var resources = registry.All.Where(r => r.Group == group && r.Version == version).ToList();
        if (resources.Count == 0) return null;
        var json = new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = resources[0].ApiVersion,
            ["resources"] = ApiObject.List(resources.SelectMany(r => SubresourceList.Of(r).Select(s => Entry(r, s)).Prepend(Entry(r)))),
        };
        if (group.Length == 0) json.Remove("apiVersion");
        return json;
    }

    private static JsonObject Group(string name, IReadOnlyList<ResourceDefinition> resources)
    {
        var versions = Versions.Ordered(resources.Select(r => r.Version)).Select(v => new JsonObject { ["groupVersion"] = $"{name}/{v}", ["version"] = v }).ToList();
        return new() { ["name"] = name, ["versions"] = ApiObject.List(versions), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private static JsonObject Entry(ResourceDefinition resource)
    {
        var json = new JsonObject
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.SingularName,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) json["shortNames"] = Texts(resource.ShortNames);
        if (resource.Categories.Count > 0) json["categories"] = Texts(resource.Categories);
        return json;
    }

    private static JsonObject Entry(ResourceDefinition resource, SubresourceEntry subresource)
    {
        var json = new JsonObject
        {
            ["name"] = $"{resource.Plural}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = resource.Namespaced,
            ["kind"] = subresource.Kind,
            ["verbs"] = Texts(subresource.Verbs),
        };
        if (subresource.Group is not null)
        {
            json["group"] = subresource.Group;
            json["version"] = subresource.Version;
        }

        return json;
    }

    private static IEnumerable<IGrouping<string, ResourceDefinition>> ByGroup(ResourceRegistry registry) =>
        registry.All.Where(r => r.Group.Length > 0).GroupBy(r => r.Group);

    internal static JsonArray Texts(IEnumerable<string> texts) => ApiObject.List(texts.Select(t => (JsonNode?)t));
}
