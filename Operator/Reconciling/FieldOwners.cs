using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>Reads <c>metadata.managedFields</c>: who owns a field of an object.</summary>
internal static class FieldOwners
{
    /// <summary>True if someone other than <paramref name="manager"/> owns the field, by whatever operation or subresource.</summary>
    /// <param name="of">An observed object; null has no owners.</param>
    /// <param name="manager">The manager that does not count, by both of its operations.</param>
    /// <param name="path">Field names from the root, for instance <c>spec</c>, <c>replicas</c>.</param>
    public static bool AnotherOwns(IKubernetesObject<V1ObjectMeta>? of, string manager, params ReadOnlySpan<string> path)
    {
        foreach (var entry in of?.Metadata.ManagedFields ?? [])
        {
            if (entry.Manager == manager || entry.FieldsV1 is null) continue;
            JsonNode? at = JsonNode.Parse(KubernetesJson.Serialize(entry.FieldsV1));
            foreach (var name in path) at = (at as JsonObject)?[$"f:{name}"];
            if (at is not null) return true;
        }

        return false;
    }

    /// <summary>True for the entry of a manager's server-side applies to the object itself.</summary>
    internal static bool IsApplyOf(JsonObject entry, string manager) =>
        (string?)entry["manager"] == manager && (string?)entry["operation"] == "Apply" && (string?)entry["subresource"] is null or "";
}
