using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;
using LlmKube.Operator.LocalCluster.ApiServer.Routing;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Discovery;

/// <summary>OpenAPI v3: an index of group versions, and a document for each.</summary>
internal sealed class OpenApiEndpoint(ResourceRegistry registry)
{
    public Task HandleAsync(HttpContext http, string path)
    {
        var parts = path.Trim('/').Split('/')[2..];
        return parts switch
        {
            [] => ResponseWriter.JsonAsync(http, Index()),
            ["api", var version] => DocumentAsync(http, "", version),
            ["apis", var group, var version] => DocumentAsync(http, group, version),
            _ => StaticPaths.NotFoundAsync(http),
        };
    }

    private JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var group in registry.All.GroupBy(r => (r.Group, r.Version)))
        {
            var path = group.Key.Group.Length == 0 ? $"api/{group.Key.Version}" : $"apis/{group.Key.Group}/{group.Key.Version}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Hash(group)}" };
        }

        return new() { ["paths"] = paths };
    }

    // Clients cache documents by this hash, so it must change with a custom resource's schema.
    private static string Hash(IEnumerable<ResourceDefinition> resources)
    {
        var text = string.Join('\n', resources.Select(r => $"{r.Kind} {r.OpenApi?.ToJsonString()}"));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private Task DocumentAsync(HttpContext http, string group, string version)
    {
        var resources = registry.All.Where(r => r.Group == group && r.Version == version && r.Schema is not null).ToList();
        if (resources.Count == 0) return StaticPaths.NotFoundAsync(http);
        return ResponseWriter.JsonAsync(http, OpenApiDocument.Build(group, version, resources.Select(r => new OpenApiKind(r.Kind, r.Plural, r.Namespaced, r.Schema!))));
    }
}
