using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>Reads <c>metadata.managedFields</c>: who owns which field of an object.</summary>
internal static class FieldOwners
{
    /// <summary>The field sets of all managers but one, whatever their operation and subresource.</summary>
    /// <param name="of">An observed object; null has no owners.</param>
    /// <param name="manager">The manager that is left out.</param>
    public static IEnumerable<JsonObject> Others(IKubernetesObject<V1ObjectMeta>? of, string manager) =>
        from entry in of?.Metadata.ManagedFields ?? []
        where entry.Manager != manager && entry.FieldsV1 is not null
        let fields = JsonNode.Parse(KubernetesJson.Serialize(entry.FieldsV1)) as JsonObject
        where fields is not null
        select fields;

    /// <summary>True if a field set has the field at this path of names, or one below it.</summary>
    public static bool Has(JsonObject fields, params ReadOnlySpan<string> path)
    {
        JsonNode? at = fields;
        foreach (var name in path) at = (at as JsonObject)?[$"f:{name}"];
        return at is not null;
    }

    /// <summary>True for the entry of a manager's server-side applies to the object itself.</summary>
    internal static bool IsApplyOf(JsonObject entry, string manager) =>
        (string?)entry["manager"] == manager && (string?)entry["operation"] == "Apply" && (string?)entry["subresource"] is null or "";
}
