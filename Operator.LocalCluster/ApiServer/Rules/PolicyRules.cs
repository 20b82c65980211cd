using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A disruption budget says how many pods must stay or how many may go, not both.</summary>
internal sealed class BudgetRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        if (json.At("spec", "minAvailable") is not null && json.At("spec", "maxUnavailable") is not null)
        {
            yield return FieldError.Invalid("spec", json["spec"], "minAvailable and maxUnavailable cannot be both set");
        }
    }
}

/// <summary>A lease lasts longer than no time.</summary>
internal sealed class LeaseRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var spec = json["spec"] as JsonObject ?? [];
        if (spec.Number("leaseDurationSeconds") is <= 0 and var duration) yield return FieldError.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        foreach (var error in FieldChecks.NonNegative(spec, "leaseTransitions", "spec")) yield return error;
    }
}

/// <summary>A priority class keeps its value.</summary>
internal sealed class PriorityClassRules : ObjectRules
{
    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        if ((json.Number("value") ?? 0) != (old.Number("value") ?? 0)) yield return FieldError.Forbidden("value", "may not be changed in an update.");
        foreach (var error in FieldChecks.Immutable(json["preemptionPolicy"], old["preemptionPolicy"], "preemptionPolicy")) yield return error;
    }
}

/// <summary>An autoscaler's range is not empty.</summary>
internal sealed class AutoscalerRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var most = json.Number("spec", "maxReplicas") ?? 0;
        if (most < 1) yield return FieldError.Invalid("spec.maxReplicas", most, "must be greater than 0");
        if (most < (json.Number("spec", "minReplicas") ?? 1)) yield return FieldError.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
    }
}

/// <summary>An event lies in the namespace of what it is about.</summary>
internal sealed class EventRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var about = json.Text("involvedObject", "namespace") ?? "";
        if (about != json.Namespace && !(about.Length == 0 && json.Namespace is "default"))
        {
            yield return FieldError.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
    }
}

/// <summary>A binding keeps its role.</summary>
internal sealed class RoleBindingRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        if (json.Text("roleRef", "kind") is not ("Role" or "ClusterRole")) yield return FieldError.NotSupported("roleRef.kind", json.Text("roleRef", "kind") ?? "", ["Role", "ClusterRole"]);
        if (string.IsNullOrEmpty(json.Text("roleRef", "name"))) yield return FieldError.Required("roleRef.name");
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        if (!JsonNode.DeepEquals(json["roleRef"], old["roleRef"])) yield return FieldError.Invalid("roleRef", json["roleRef"], "cannot change roleRef");
    }
}
