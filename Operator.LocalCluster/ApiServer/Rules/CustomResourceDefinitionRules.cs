using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Serves the resources that definitions define, and removes their objects with them.</summary>
internal sealed class CustomResourceDefinitionRules : ObjectRules
{
    /// <summary>Holds a deleted definition until none of its objects is left.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override void PrepareCreate(JsonObject json, RuleContext context)
    {
        Complete(json);
        var now = Timestamps.Now(context.Time);
        json["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
            ["acceptedNames"] = json.At("spec", "names")?.DeepClone(),
            ["storedVersions"] = new JsonArray(StorageVersion(json)),
        };
    }

    public override void PrepareUpdate(JsonObject json, JsonObject old, RuleContext context)
    {
        Complete(json);
        var status = json.Ensure("status");
        status["acceptedNames"] = json.At("spec", "names")?.DeepClone();
        var stored = status.Texts("storedVersions");
        if (StorageVersion(json) is { } version && !stored.Contains(version)) status["storedVersions"] = ApiObject.List([.. stored, version]);
    }

    // A definition's deletion always has its two steps; what ends it is its finalizer.
    public override bool HoldsDeletion(JsonObject json) => !json.IsDeleting;

    public override void PrepareDeletion(JsonObject json, RuleContext context)
    {
        if (!json.Finalizers.Contains(CleanupFinalizer)) json.Ensure("metadata")["finalizers"] = ApiObject.List([.. json.Finalizers, CleanupFinalizer]);
        var status = json.Ensure("status");
        if (status.Objects("conditions").Any(c => c.Text("type") is "Terminating")) return;
        status["conditions"] = ApiObject.List([
            .. status.Objects("conditions").Select(c => c.DeepClone()),
            Condition("Terminating", "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will be initiated soon", Timestamps.Now(context.Time)),
        ]);
    }

    public override IEnumerable<FieldError> Validate(JsonObject json) => CrdValidator.Validate(json);

    public override void Written(JsonObject? json, JsonObject? old, RuleContext context)
    {
        context.Registry.Serve((json ?? old)!.Name, json is null ? [] : CustomResource.Of(json));
        if (json is null) context.Store.End(TableOf(old!));
    }

    /// <summary>Where the objects of a definition are kept.</summary>
    public static string TableOf(JsonObject definition) => $"{definition.Text("spec", "group")}/{definition.Text("spec", "names", "plural")}";

    private static void Complete(JsonObject json)
    {
        var spec = json.Ensure("spec");
        spec.Fill("conversion", new JsonObject { ["strategy"] = "None" });
        var names = spec.Ensure("names");
        if (names.Text("kind") is not { } kind) return;
        names.Fill("singular", kind.ToLowerInvariant());
        names.Fill("listKind", $"{kind}List");
    }

    private static string? StorageVersion(JsonObject json) => json.Objects("spec", "versions").FirstOrDefault(v => v.Flag("storage"))?.Text("name");

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
