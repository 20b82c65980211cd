using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// The OpenAPI v3 document of one group version: what kubectl explain reads, and what tells kubectl that the server checks
/// fields and runs dry.
/// </summary>
internal static class OpenApiDocument
{
    public static JsonObject Build(string group, string version, IEnumerable<OpenApiKind> kinds)
    {
        var schemas = new OpenApiSchemas(group, version);
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            schemas.AddKind(kind);
            AddPaths(paths, group, version, kind);
        }

        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.ToJson() },
        };
    }

    private static void AddPaths(JsonObject paths, string group, string version, OpenApiKind kind)
    {
        var root = group is "" ? $"/api/{version}" : $"/apis/{group}/{version}";
        var collection = $"{root}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}";
        var type = new JsonObject { ["group"] = group, ["version"] = version, ["kind"] = kind.Kind };
        paths[collection] = new JsonObject
        {
            ["get"] = Operation("list", type, []),
            ["post"] = Operation("post", type, ["dryRun", "fieldManager", "fieldValidation"]),
        };
        paths[$"{collection}/{{name}}"] = new JsonObject
        {
            ["get"] = Operation("get", type, []),
            ["put"] = Operation("put", type, ["dryRun", "fieldManager", "fieldValidation"]),
            ["patch"] = Operation("patch", type, ["dryRun", "fieldManager", "fieldValidation", "force"]),
            ["delete"] = Operation("delete", type, ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
        };
    }

    private static JsonObject Operation(string action, JsonObject type, string[] parameters) => new()
    {
        ["parameters"] = new JsonArray([.. parameters.Select(Parameter)]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = type.DeepClone(),
    };

    private static JsonObject Parameter(string name) => new()
    {
        ["name"] = name,
        ["in"] = "query",
        ["schema"] = new JsonObject
        {
            ["type"] = name switch
            {
                "force" => "boolean",
                "gracePeriodSeconds" => "integer",
                _ => "string",
            },
            ["uniqueItems"] = true,
        },
    };
}
