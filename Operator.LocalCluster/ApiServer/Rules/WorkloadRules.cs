using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>What deployments, replica sets, stateful sets and daemon sets share: a selector that never changes and a template it selects.</summary>
internal sealed class WorkloadRules(string kind) : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var spec = json["spec"] as JsonObject ?? [];
        var template = spec["template"] as JsonObject ?? [];
        foreach (var error in FieldChecks.NonNegative(spec, "replicas", "spec")) yield return error;
        foreach (var error in FieldChecks.NonNegative(spec, "minReadySeconds", "spec")) yield return error;
        if (spec["selector"] is not JsonObject selector)
        {
            yield return FieldError.Required("spec.selector");
        }
        else if (!(selector["matchLabels"] is JsonObject { Count: > 0 } || selector["matchExpressions"] is JsonArray { Count: > 0 }))
        {
            yield return FieldError.Invalid("spec.selector", selector, $"empty selector is invalid for {kind.ToLowerInvariant()}");
        }
        else if (!Selects(selector, template.Labels))
        {
            yield return FieldError.Invalid("spec.template.metadata.labels", template.At("metadata", "labels") ?? new JsonObject(), "`selector` does not match template `labels`");
        }

        foreach (var error in PodSpecValidation.Errors(template["spec"] as JsonObject ?? [], "spec.template.spec")) yield return error;
        if (template.Text("spec", "restartPolicy") is { } policy and not "Always") yield return FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        foreach (var error in StrategyErrors(spec)) yield return error;
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old) =>
        kind is "Deployment" or "ReplicaSet" or "DaemonSet" ? FieldChecks.Immutable(json.At("spec", "selector"), old.At("spec", "selector"), "spec.selector") : [];

    private static IEnumerable<FieldError> StrategyErrors(JsonObject spec)
    {
        if (spec["strategy"] is not JsonObject strategy) yield break;
        foreach (var error in FieldChecks.OneOf(strategy, "type", "spec.strategy", "Recreate", "RollingUpdate")) yield return error;
        if (strategy.Text("type") is "Recreate" && strategy["rollingUpdate"] is not null)
        {
            yield return FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }
    }

    private static bool Selects(JsonObject selector, IReadOnlyDictionary<string, string> labels)
    {
        try
        {
            return LabelSelector.From(selector)?.Matches(labels) ?? false;
        }
        catch (SelectorException)
        {
            return false;
        }
    }
}
