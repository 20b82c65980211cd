using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Responses;

/// <summary>Shows an object the way a client asked for.</summary>
internal static class ObjectViews
{
    /// <summary>The object in the version of the resource; what is stored may carry another one.</summary>
    public static JsonObject InVersion(ResourceDefinition resource, JsonObject json)
    {
        if (!resource.IsCustom || json.Text("apiVersion") == resource.ApiVersion) return json;
        var copy = json.Copy();
        copy["apiVersion"] = resource.ApiVersion;
        return copy;
    }

    public static JsonObject Metadata(JsonObject json) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = json["metadata"]?.DeepClone(),
    };
}
