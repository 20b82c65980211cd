using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A pod begins Pending, hardly changes, and is deleted gracefully once it is on a node.</summary>
internal sealed class PodRules : ObjectRules
{
    private const long DefaultGracePeriod = 30;
    private const string Immutable = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public override void PrepareCreate(JsonObject json, RuleContext context) =>
        json["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService.Of(json) };

    public override IEnumerable<FieldError> Validate(JsonObject json) => PodSpecValidation.Errors(json["spec"] as JsonObject ?? [], "spec");

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        var spec = (json["spec"] as JsonObject ?? []).Copy();
        var before = old["spec"] as JsonObject ?? [];
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var (container, was) in spec.Objects(list).Zip(before.Objects(list))) container.CopyField("image", was);
        }

        spec.CopyField("activeDeadlineSeconds", before);
        if (KeepsAll(before, spec)) spec.CopyField("tolerations", before);
        if (before.Number("terminationGracePeriodSeconds") < 0) spec.CopyField("terminationGracePeriodSeconds", before);
        if (before.Objects("schedulingGates").Any())
        {
            foreach (var field in (string[])["schedulingGates", "nodeSelector", "affinity"]) spec.CopyField(field, before);
        }

        if (!JsonNode.DeepEquals(spec, before)) yield return FieldError.Forbidden("spec", Immutable);
    }

    public override long? GracePeriod(JsonObject json, long? asked)
    {
        if (string.IsNullOrEmpty(json.Text("spec", "nodeName")) || json.Text("status", "phase") is "Failed" or "Succeeded") return 0;
        var period = asked ?? json.Number("spec", "terminationGracePeriodSeconds") ?? DefaultGracePeriod;
        return period < 0 ? 1 : period;
    }

    private static bool KeepsAll(JsonObject before, JsonObject spec) =>
        before.Objects("tolerations").All(t => spec.Objects("tolerations").Any(n => JsonNode.DeepEquals(n, t)));
}
