using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;

namespace LlmKube.Operator.LocalCluster.ApiServer.Subresources;

/// <summary>The Scale of an object: its replicas, wanted and present, and whom it selects.</summary>
internal static class Scale
{
    public static JsonObject Of(ResourceDefinition resource, JsonObject json)
    {
        var paths = resource.Scale!;
        var status = new JsonObject { ["replicas"] = Replicas(json, paths.StatusReplicas) };
        if (Selector(resource, json) is { Length: > 0 } selector) status["selector"] = selector;
        var metadata = new JsonObject { ["name"] = json.Name };
        foreach (var field in (string[])["namespace", "uid", "resourceVersion", "creationTimestamp"]) metadata.CopyField(field, json.Metadata);
        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = Replicas(json, paths.SpecReplicas) },
            ["status"] = status,
        };
    }

    /// <summary>The object with the replicas that a Scale asks for.</summary>
    public static JsonObject Apply(ResourceDefinition resource, JsonObject json, JsonNode? scale)
    {
        if (scale is not JsonObject asked || asked.Text("kind") is not (null or "Scale")) throw ApiException.BadRequest("expected a Scale");
        var replicas = asked.Number("spec", "replicas") ?? 0;
        if (replicas < 0)
        {
            throw ApiException.Invalid("Scale", "autoscaling", json.Name, new Cause("FieldValueInvalid", "spec.replicas", $"Invalid value: {replicas}: must be greater than or equal to 0"));
        }

        var path = Steps(resource.Scale!.SpecReplicas);
        var parent = json;
        foreach (var step in path[..^1]) parent = parent.Ensure(step);
        parent[path[^1]] = replicas;
        json.Ensure("metadata").SetOrRemove("resourceVersion", asked.Metadata["resourceVersion"]?.DeepClone());
        return json;
    }

    private static long Replicas(JsonObject json, string path) => json.Number(Steps(path)) ?? 0;

    private static string? Selector(ResourceDefinition resource, JsonObject json) => resource.Scale!.LabelSelector is not { } path ? null : json.At(Steps(path)) switch
    {
        JsonObject selector => SelectorText.Of(selector),
        JsonValue text => text.ToString(),
        _ => null,
    };

    private static string[] Steps(string path) => path.TrimStart('.').Split('.');
}
