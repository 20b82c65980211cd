using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>JSON Merge Patch (RFC 7386): objects merge, null removes, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject document, JsonObject patch)
    {
        var result = document.Clone();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject change:
                    if (target[name] is not JsonObject child)
                    {
                        target[name] = child = [];
                    }

                    Merge(child, change);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
