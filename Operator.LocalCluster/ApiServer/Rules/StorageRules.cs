using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A claim begins Pending; of its spec only the requested size may change, and what was open be settled: volume and class.</summary>
internal sealed class ClaimRules : ObjectRules
{
    public override void PrepareCreate(JsonObject json, RuleContext context) => json["status"] = new JsonObject { ["phase"] = "Pending" };

    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        if (json.Texts("spec", "accessModes").Count == 0) yield return FieldError.Required("spec.accessModes", "at least 1 access mode is required");
        if (json.At("spec", "resources", "requests", "storage") is null) yield return FieldError.Required("spec.resources[storage]");
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        var spec = (json["spec"] as JsonObject ?? []).Copy();
        var before = old["spec"] as JsonObject ?? [];
        spec.Ensure("resources").SetOrRemove("requests", before.At("resources", "requests")?.DeepClone());
        spec.CopyField("volumeAttributesClassName", before);
        if (string.IsNullOrEmpty(before.Text("volumeName"))) spec.Remove("volumeName");
        if (before["storageClassName"] is null) spec.Remove("storageClassName");
        if (!JsonNode.DeepEquals(spec, before)) yield return FieldError.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        if (FieldChecks.TryQuantity(json.At("spec", "resources", "requests", "storage"), out var now)
            && FieldChecks.TryQuantity(before.At("resources", "requests", "storage"), out var was) && now.CompareTo(was) < 0)
        {
            yield return FieldError.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }
}

/// <summary>A volume begins Pending.</summary>
internal sealed class VolumeRules : ObjectRules
{
    public override void PrepareCreate(JsonObject json, RuleContext context) => json["status"] = new JsonObject { ["phase"] = "Pending" };
}
