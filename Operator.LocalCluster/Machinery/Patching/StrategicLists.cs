using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>How a strategic merge patch merges lists: scalars as a set, objects by their merge key.</summary>
internal static class StrategicLists
{
    public static JsonArray Merge(JsonArray original, JsonArray patch, Schema schema)
    {
        if (original.Count is 0 && patch.Count is 0)
        {
            return [];
        }

        if (!original.Concat(patch).All(entry => entry is JsonObject))
        {
            if (original.Concat(patch).Any(entry => entry is JsonObject or JsonArray))
            {
                throw Unfit("list element types are not identical");
            }

            return Ordered(Distinct(original.Concat(patch)), patch, original, null);
        }

        var key = schema.PatchMergeKey ?? throw Unfit("cannot merge lists without merge key");
        var old = original.Select(entry => (JsonObject)entry!.DeepClone()).ToList();
        var changes = new List<JsonObject>();
        var replaces = false;
        foreach (var change in patch.Cast<JsonObject>())
        {
            if (!change.TryGetPropertyValue(StrategicMergePatch.Directive, out var directive))
            {
                changes.Add(change);
                continue;
            }

            switch (directive.AsText())
            {
                case "delete":
                    var doomed = KeyOf(change, key);
                    old.RemoveAll(entry => JsonNodes.Same(entry[key], doomed));
                    break;
                case "replace":
                    replaces = true;
                    break;
                case "merge":
                    throw Unfit("merging lists cannot yet be specified in the patch");
                case var other:
                    throw Unfit($"unknown patch type: {other} in map: {change.ToJsonString()}");
            }
        }

        if (replaces)
        {
            return Plain(changes);
        }

        return MergeEntries(old, changes, schema, key);
    }

    /// <summary>
    /// The merged list in the order that was asked for; entries that only the server has keep their place among those they
    /// stood between, as far as both orders allow.
    /// </summary>
    public static JsonArray Ordered(JsonArray merged, JsonArray order, JsonArray original, string? key)
    {
        int In(JsonArray list, JsonNode? entry) => list.TakeWhile(one => !SameEntry(one, entry, key)).Count() is var at && at < list.Count ? at : -1;
        var asked = merged.Where(entry => In(order, entry) >= 0).OrderBy(entry => In(order, entry)).ToList();
        var others = merged.Where(entry => In(order, entry) < 0).OrderBy(entry => In(original, entry)).ToList();
        var result = new JsonArray();
        int mine = 0, theirs = 0;
        while (mine < asked.Count || theirs < others.Count)
        {
            var before = mine >= asked.Count
                || (theirs < others.Count && In(original, others[theirs]) is var left and >= 0 && In(original, asked[mine]) is var right and >= 0 && left < right);
            result.Add((before ? others[theirs++] : asked[mine++]).Copy());
        }

        return result;
    }

    /// <exception cref="PatchException">The patch's entries stand in another order than the one it sets.</exception>
    public static void CheckOrder(JsonArray patch, JsonArray order, string? key)
    {
        if (patch.Count is 0 || order.Count is 0)
        {
            return;
        }

        var at = 0;
        foreach (var entry in patch.Where(entry => entry is not JsonObject fields || !fields.ContainsKey(StrategicMergePatch.Directive)))
        {
            while (at < order.Count && !SameEntry(order[at], entry, key))
            {
                at++;
            }

            if (at++ >= order.Count)
            {
                throw Unfit($"The order in patch list:\n{patch.ToJsonString()}\n doesn't match $setElementOrder list:\n{order.ToJsonString()}\n");
            }
        }
    }

    private static JsonArray MergeEntries(List<JsonObject> old, List<JsonObject> changes, Schema schema, string key)
    {
        var before = new JsonArray([.. old.Select(entry => entry.Copy())]);
        foreach (var change in changes)
        {
            var value = KeyOf(change, key);
            var at = old.FindIndex(entry => JsonNodes.Same(entry[key], value));
            if (at >= 0)
            {
                old[at] = StrategicMergePatch.MergeMap(old[at], change.Clone(), schema.Items);
            }
            else if (StrategicMergePatch.TryPlain(change, out var plain))
            {
                old.Add((JsonObject)plain!);
            }
        }

        return Ordered([.. old], Plain(changes), before, key);
    }

    private static JsonNode? KeyOf(JsonObject entry, string key) => entry.TryGetPropertyValue(key, out var value)
        ? value
        : throw Unfit($"map: {entry.ToJsonString()} does not contain declared merge key: {key}");

    private static bool SameEntry(JsonNode? left, JsonNode? right, string? key) => key is null || left is not JsonObject || right is not JsonObject
        ? JsonNodes.Same(left, right)
        : JsonNodes.Same(left[key], right[key]);

    private static JsonArray Distinct(IEnumerable<JsonNode?> entries)
    {
        var result = new JsonArray();
        foreach (var entry in entries)
        {
            if (!result.Any(known => JsonNodes.Same(known, entry)))
            {
                result.Add(entry.Copy());
            }
        }

        return result;
    }

    private static JsonArray Plain(List<JsonObject> entries) =>
        new([.. entries.Select(entry => StrategicMergePatch.TryPlain(entry, out var plain) ? plain : null).Where(entry => entry is not null)]);

    private static PatchException Unfit(string message) => StrategicMergePatch.Unfit(message);
}
