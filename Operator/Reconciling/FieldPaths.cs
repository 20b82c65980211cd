using System.Text.Json.Nodes;

namespace LlmKube.Operator.Reconciling;

/// <summary>
/// Which fields are set, whatever to: of what is sent, and of what is still its sender's (<see cref="OwnFields"/>). Who changes or removes a field of somebody's takes it away, so that the two differ from then on. What the
/// API server adds to what it takes whole, or does not store, makes no difference.
/// </summary>
internal static class FieldPaths
{
    /// <summary>The paths of the fields, in an order of their own.</summary>
    public static IReadOnlyList<string> Of(JsonNode? fields) => [.. Below("", "", fields).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Below(string path, string name, JsonNode? node) => node switch
    {
        null or JsonArray { Count: 0 } or JsonObject { Count: 0 } => [],
        JsonObject map when !IsWhole(name) => map.SelectMany(f => Below($"{path}/{f.Key}", f.Key, f.Value)),
        JsonArray list when ApplyDiff.KeysOf(name, list) is { } keys => list.OfType<JsonObject>().SelectMany(item => Item(path, keys, item)),
        JsonValue value when value.ToString() is "" or "0" => [],
        _ => [path],
    };

    private static IEnumerable<string> Item(string path, string[] keys, JsonObject item)
    {
        var at = $"{path}[{string.Join(',', keys.Select(k => item[k]?.ToString() ?? (k == "protocol" ? "TCP" : "")))}]";
        return [at, .. item.Where(f => !keys.Contains(f.Key)).SelectMany(f => Below($"{at}/{f.Key}", f.Key, f.Value))];
    }

    // References to other objects, as to a Secret's key, are taken whole, too.
    private static bool IsWhole(string name) => ApplyDiff.AtomicMaps.Contains(name) || name.EndsWith("Ref", StringComparison.Ordinal);
}
