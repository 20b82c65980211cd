using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>A namespace is Active, then Terminating until both its kinds of finalizers are gone.</summary>
internal sealed class NamespaceRules : ObjectRules
{
    private const string Finalizer = "kubernetes";

    public override void PrepareCreate(JsonObject json, RuleContext context)
    {
        json["status"] = new JsonObject { ["phase"] = "Active" };
        var finalizers = json.Texts("spec", "finalizers");
        if (!finalizers.Contains(Finalizer)) json.Ensure("spec")["finalizers"] = ApiObject.List([.. finalizers, Finalizer]);
        Label(json);
    }

    public override void PrepareUpdate(JsonObject json, JsonObject old, RuleContext context)
    {
        json.Ensure("spec").SetOrRemove("finalizers", old.At("spec", "finalizers")?.DeepClone());
        Label(json);
    }

    public override void PrepareDeletion(JsonObject json, RuleContext context)
    {
        json.Ensure("status")["phase"] = "Terminating";
        json.Metadata.Remove("deletionGracePeriodSeconds");
    }

    public override bool HoldsDeletion(JsonObject json) => json.Texts("spec", "finalizers").Count > 0;

    private static void Label(JsonObject json) => json.Ensure("metadata").Ensure("labels")["kubernetes.io/metadata.name"] = json.Name;
}
