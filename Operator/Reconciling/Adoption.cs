using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>
/// Takes over what an older operator wrote with plain updates. A server-side apply removes only fields that earlier applies of the same manager
/// set; without this an older pod template's containers, volumes and ports would stay beside ours for ever. The same as client-go's csaupgrade.
/// </summary>
internal static class Adoption
{
    /// <summary>The patch that makes the creator's fields ours to remove; null if the object was created by a server-side apply.</summary>
    /// <param name="child">A child of ours that has a <c>spec.selector</c>, which only its creator writes.</param>
    /// <param name="manager">The field manager that we apply as.</param>
    public static DesiredAction.Patch? Of(IKubernetesObject<V1ObjectMeta>? child, string manager)
    {
        if (child?.Metadata.ManagedFields is not { Count: > 0 } managed) return null;
        var entries = ((JsonArray)JsonNode.Parse(KubernetesJson.Serialize(managed))!).Cast<JsonObject>().ToList();
        var creators = entries.Where(IsCreator).ToList();
        if (creators is not [var first, ..]) return null;

        var ours = entries.FirstOrDefault(e => FieldOwners.IsApplyOf(e, manager)) ?? first;
        foreach (var creator in creators.Where(c => c != ours))
        {
            Unite((JsonObject)ours["fieldsV1"]!, (JsonObject)creator["fieldsV1"]!);
            entries.Remove(creator);
        }

        (ours["manager"], ours["operation"]) = (manager, "Apply");
        var metadata = new JsonObject
        {
            ["uid"] = child.Metadata.Uid,
            ["resourceVersion"] = child.Metadata.ResourceVersion,
            ["managedFields"] = new JsonArray([.. entries.Select(e => e.DeepClone())]),
        };
        return new DesiredAction.Patch(ObjectRef.Of(child), new JsonObject { ["metadata"] = metadata }.ToJsonString());
    }

    // A person may have edited the selector since, and keeps what was edited along with it.
    private static bool IsCreator(JsonObject entry) =>
        !FieldOwners.IsApply(entry) && FieldOwners.IsOfObject(entry)
        && (string?)entry["manager"] is { } by && !by.StartsWith("kubectl", StringComparison.Ordinal)
        && entry["fieldsV1"] is JsonObject fields && FieldOwners.Has(fields, "spec", "selector");

    private static void Unite(JsonObject fields, JsonObject more)
    {
        foreach (var (step, below) in more)
        {
            if (fields[step] is JsonObject there && below is JsonObject deeper) Unite(there, deeper);
            else fields[step] = below?.DeepClone();
        }
    }
}
