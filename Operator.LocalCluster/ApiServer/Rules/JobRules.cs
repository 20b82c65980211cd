using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A job labels and selects its own pods, and its template never changes.</summary>
internal sealed class JobRules : ObjectRules
{
    public override void PrepareCreate(JsonObject json, RuleContext context)
    {
        var spec = json.Ensure("spec");
        if (spec.Flag("manualSelector")) return;
        var labels = spec.Ensure("template").Ensure("metadata").Ensure("labels");
        foreach (var (label, value) in new[] { ("controller-uid", json.Uid), ("job-name", json.Name) })
        {
            labels[label] = value;
            labels[$"batch.kubernetes.io/{label}"] = value;
        }

        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = json.Uid } };
    }

    public override IEnumerable<FieldError> Validate(JsonObject json)
    {
        var spec = json["spec"] as JsonObject ?? [];
        foreach (var error in PodSpecValidation.Errors(spec.At("template", "spec") as JsonObject ?? [], "spec.template.spec")) yield return error;
        if (spec.Text("template", "spec", "restartPolicy") is null or "Always") yield return FieldError.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        foreach (var field in (string[])["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
        {
            foreach (var error in FieldChecks.NonNegative(spec, field, "spec")) yield return error;
        }
    }

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old)
    {
        var fields = json.Text("spec", "completionMode") is "Indexed" ? new List<string> { "selector", "completionMode" } : ["selector", "completionMode", "completions"];
        if (!old.Flag("spec", "suspend")) fields.Add("template");
        return fields.SelectMany(f => FieldChecks.Immutable(json.At("spec", f), old.At("spec", f), $"spec.{f}"));
    }
}
