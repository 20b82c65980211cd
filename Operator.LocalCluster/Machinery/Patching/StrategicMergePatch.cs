using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// The patch that kubectl sends for built-in kinds: a merge patch that knows which lists merge by which key, with directives:
/// <c>$patch: delete|replace</c>, <c>$retainKeys</c>, <c>$setElementOrder/LIST</c>, <c>$deleteFromPrimitiveList/LIST</c>.
/// </summary>
internal static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetElementOrder = "$setElementOrder/";
    private const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <exception cref="PatchException">A directive is unknown or does not fit its place.</exception>
    public static JsonObject Apply(JsonObject document, JsonObject patch, Schema schema) =>
        MergeMap(document.Clone(), patch.Clone(), schema);

    internal static JsonObject MergeMap(JsonObject original, JsonObject patch, Schema? schema)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            patch.Remove(Directive);
            return directive.AsText() switch
            {
                "replace" => patch,
                "delete" => [],
                var other => throw Unfit($"unknown patch type: {other} in map: {patch.ToJsonString()}"),
            };
        }

        Retain(original, patch);
        Order(original, patch, schema);
        foreach (var (name, value) in patch.ToList())
        {
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
            {
                DeleteFrom(original, name[DeleteFromPrimitiveList.Length..], value);
            }
            else
            {
                MergeField(original, name, value, schema?.Field(name));
            }
        }

        return original;
    }

    /// <summary>What a patch adds where there was nothing: itself without directives, and nothing for what only says how to merge.</summary>
    internal static bool TryPlain(JsonNode? node, out JsonNode? plain)
    {
        plain = null;
        switch (node)
        {
            case JsonObject fields:
                if (fields.ContainsKey(Directive))
                {
                    return false;
                }

                var kept = new JsonObject();
                foreach (var (name, value) in fields)
                {
                    if (value is not null && TryPlain(value, out var child))
                    {
                        kept[name] = child;
                    }
                }

                plain = kept;
                return true;
            case JsonArray entries:
                var rest = new JsonArray();
                foreach (var entry in entries)
                {
                    if (TryPlain(entry, out var child))
                    {
                        rest.Add(child);
                    }
                }

                plain = rest;
                return true;
            default:
                plain = node.Copy();
                return true;
        }
    }

    private static void MergeField(JsonObject original, string name, JsonNode? value, Schema? schema)
    {
        switch (original[name], value)
        {
            case (_, null):
                original.Remove(name);
                break;
            case (JsonObject old, JsonObject change) when schema is not { PatchReplaces: true }:
                original.Remove(name);
                original[name] = MergeMap(old, (JsonObject)change.DeepClone(), schema);
                break;
            case (JsonArray old, JsonArray change) when schema is { PatchMerges: true }:
                original[name] = StrategicLists.Merge(old, change, schema);
                break;
            case (JsonObject, JsonObject) or (JsonArray, JsonArray):
                original[name] = value.DeepClone();
                break;
            default:
                original.Remove(name);
                if (TryPlain(value, out var plain))
                {
                    original[name] = plain;
                }

                break;
        }
    }

    private static void Retain(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var directive))
        {
            return;
        }

        patch.Remove(RetainKeys);
        var retained = (directive as JsonArray ?? throw Unfit("invalid patch format of retainKeys"))
            .Select(key => key.AsText()).ToHashSet();
        if (patch.Any(field => field.Value is not null && !field.Key.StartsWith('$') && !retained.Contains(field.Key)))
        {
            throw Unfit("invalid patch format of retainKeys");
        }

        foreach (var name in original.Select(field => field.Key).Where(name => !retained.Contains(name)).ToList())
        {
            original.Remove(name);
        }
    }

    // Merges every list whose order the patch gives, and takes the list out of the patch.
    private static void Order(JsonObject original, JsonObject patch, Schema? schema)
    {
        foreach (var (key, directive) in patch.Where(field => field.Key.StartsWith(SetElementOrder, StringComparison.Ordinal)).ToList())
        {
            var name = key[SetElementOrder.Length..];
            var field = schema?.Field(name) ?? Schema.Anything;
            var order = directive as JsonArray ?? throw Unfit("invalid patch format of setElementOrder list");
            patch.Remove(key);
            if (original[name] is not (null or JsonArray) || patch[name] is not (null or JsonArray))
            {
                throw Unfit($"{name} must be a list where the patch sets its order");
            }

            var (old, change) = (original[name] as JsonArray, patch[name] as JsonArray);
            StrategicLists.CheckOrder(change ?? [], order, field.PatchMergeKey);
            var merged = (old, change) switch
            {
                (null, null) => null,
                ({ }, null) => old,
                (null, { }) => TryPlain(change, out var plain) ? (JsonArray?)plain : null,
                _ => field.PatchMerges ? StrategicLists.Merge(old, change, field) : change,
            };
            if (merged is null)
            {
                continue;
            }

            original[name] = StrategicLists.Ordered(merged, order, old ?? [], field.PatchMergeKey);
            patch.Remove(name);
        }
    }

    private static void DeleteFrom(JsonObject original, string name, JsonNode? values)
    {
        var deleted = values as JsonArray ?? throw Unfit("invalid patch format of primitive list");
        if (original[name] is JsonArray list)
        {
            original[name] = new JsonArray([.. list.Where(entry => !deleted.Any(value => JsonNodes.Same(value, entry))).Select(entry => entry.Copy())]);
        }
    }

    /// <summary>The status code depends on the message, as in the real server.</summary>
    internal static PatchException Unfit(string message) => new(
        message.StartsWith("invalid patch format", StringComparison.Ordinal) ? PatchFailure.Malformed
        : message.StartsWith("lists of lists", StringComparison.Ordinal) ? PatchFailure.Inapplicable
        : PatchFailure.Failed,
        message);
}
