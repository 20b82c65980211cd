using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>One manager's share of an object, as <c>metadata.managedFields</c> has it.</summary>
/// <param name="Manager">Who, for instance <c>kubectl</c>.</param>
/// <param name="Operation"><c>Apply</c> or <c>Update</c>.</param>
/// <param name="Subresource">Through which subresource, for instance <c>scale</c>; null: the object itself.</param>
/// <param name="Fields">Which fields, in the form of fieldsV1.</param>
internal sealed record FieldOwner(string Manager, string Operation, string? Subresource, JsonObject Fields)
{
    /// <summary>True if the share has the field at this path of names, or one below it.</summary>
    public bool Owns(params ReadOnlySpan<string> path) => FieldOwners.Has(Fields, path);
}

/// <summary>Reads <c>metadata.managedFields</c>: who owns which field of an object.</summary>
internal static class FieldOwners
{
    /// <summary>The shares of all managers but one.</summary>
    /// <param name="of">An observed object; null has no owners.</param>
    /// <param name="manager">The manager that is left out.</param>
    public static IEnumerable<FieldOwner> Others(IKubernetesObject<V1ObjectMeta>? of, string manager) =>
        from entry in of?.Metadata.ManagedFields ?? []
        where entry.Manager != manager && entry.FieldsV1 is not null
        let fields = JsonNode.Parse(KubernetesJson.Serialize(entry.FieldsV1)) as JsonObject
        where fields is not null
        select new FieldOwner(entry.Manager, entry.Operation, entry.Subresource is { Length: > 0 } subresource ? subresource : null, fields);

    /// <summary>True if a field set has the field at this path of names, or one below it.</summary>
    public static bool Has(JsonObject fields, params ReadOnlySpan<string> path)
    {
        JsonNode? at = fields;
        foreach (var name in path) at = (at as JsonObject)?[$"f:{name}"];
        return at is not null;
    }

    /// <summary>True for the entry of a manager's server-side applies to the object itself.</summary>
    public static bool IsApplyOf(JsonObject entry, string manager) => (string?)entry["manager"] == manager && IsApply(entry) && IsOfObject(entry);

    /// <summary>True for an entry of server-side applies.</summary>
    public static bool IsApply(JsonObject entry) => (string?)entry["operation"] == "Apply";

    /// <summary>True for an entry of writes to the object itself and not to a subresource.</summary>
    public static bool IsOfObject(JsonObject entry) => (string?)entry["subresource"] is null or "";
}
