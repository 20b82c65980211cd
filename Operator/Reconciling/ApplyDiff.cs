using System.Text.Json.Nodes;

namespace LlmKube.Operator.Reconciling;

/// <summary>
/// Says whether a server-side apply would change an object: a field that we set differs from what is there, or a field that we own is no
/// longer set. What others have added (defaults, sidecars, annotations) is no difference.
/// </summary>
internal static class ApplyDiff
{
    // Lists that the API merges by key; all others are atomic, and are equal or not.
    private static readonly Dictionary<string, string[]> MergeKeys = new()
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["env"] = ["name"],
        ["volumes"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["imagePullSecrets"] = ["name"],
        ["ownerReferences"] = ["uid"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["hostAliases"] = ["ip"],
        ["resourceClaims"] = ["name"],
    };

    /// <summary>Maps that the API takes whole: an entry that someone else added there is a difference.</summary>
    public static readonly HashSet<string> AtomicMaps = ["nodeSelector", "selector", "labelSelector"];

    // Maps whose keys are anybody's: there an empty text is a value.
    private static readonly HashSet<string> OpenMaps = ["labels", "annotations", "matchLabels", "nodeSelector", "data"];

    // Of a variable that is a container's resource.
    private const string QuantityField = "divisor";

    private static readonly HashSet<string> QuantityMaps = ["limits", "requests", "capacity", "overhead"];

    /// <summary>The path of the first difference, for instance <c>spec.template.spec.containers[name=llama-server].args</c>; null if there is none.</summary>
    /// <param name="desired">What we would send.</param>
    /// <param name="observed">What is there, with its managedFields where the server gave them.</param>
    /// <param name="manager">The field manager that we apply as.</param>
    public static string? FirstDifference(JsonObject desired, JsonObject observed, string manager)
    {
        foreach (var (name, value) in desired)
        {
            if (name is "apiVersion" or "kind" or "status") continue;
            if (Differs(name, name, value, observed[name]) is { } path) return path;
        }

        return AbandonedField(desired, observed, manager);
    }

    /// <summary>The same for one part of the objects, such as spec, template.</summary>
    public static string? FirstDifferenceIn(JsonObject desired, JsonObject observed, string manager, params ReadOnlySpan<string> part) =>
        Differs(string.Join('.', part!), part[^1], At(desired, part), At(observed, part)) ?? AbandonedField(desired, observed, manager, part);

    private static string? Differs(string path, string name, JsonNode? desired, JsonNode? observed) => (desired, observed) switch
    {
        (not null, not null) when name == QuantityField => SameQuantity(desired, observed) ? null : path,
        (null, _) => null,
        (JsonObject { Count: 0 }, null) => null,
        (JsonArray { Count: 0 }, null) => null,
        (JsonObject want, JsonObject have) when AtomicMaps.Contains(name) => Same(name, want, have) ? null : path,
        (JsonObject want, JsonObject have) => QuantityMaps.Contains(name)
            ? want.Select(p => SameQuantity(p.Value, have[p.Key]) ? null : $"{path}.{p.Key}").FirstOrDefault(p => p is not null)
            : want.Where(p => OpenMaps.Contains(name) || !SaysNothing(p.Value, have[p.Key]))
                .Select(p => Differs($"{path}.{p.Key}", p.Key, p.Value, have[p.Key]))
                .FirstOrDefault(p => p is not null),
        (JsonArray want, JsonArray have) => ListDiffers(path, name, want, have),
        _ => JsonNode.DeepEquals(desired, observed) ? null : path,
    };

    private static string? ListDiffers(string path, string name, JsonArray desired, JsonArray observed)
    {
        if (KeysOf(name, desired) is not { } keys) return Same("", desired, observed) ? null : path;
        var last = -1;
        foreach (var item in desired.OfType<JsonObject>())
        {
            var at = $"{path}[{string.Join(",", keys.Select(k => $"{k}={item[k]}"))}]";
            var match = observed.OfType<JsonObject>().FirstOrDefault(o => keys.All(k => SameKey(k, item[k], o[k])));
            if (match is null) return at;

            // Ours have an order (a variable is made of those before it, a registry is asked with the first secret first); others' may stand between them.
            var index = observed.IndexOf(match);
            if (index < last) return at;
            last = index;
            if (Differs(at, "", item, match) is { } difference) return difference;
        }

        return null;
    }

    // What the API takes whole, but for what it does not store.
    private static bool Same(string name, JsonNode? desired, JsonNode? observed) => (desired, observed) switch
    {
        (JsonObject want, JsonObject have) => want.Select(p => p.Key).Union(have.Select(p => p.Key)).All(k => IsText(name, want[k] ?? have[k]) ? JsonNode.DeepEquals(want[k], have[k]) : Same(k, want[k], have[k])),
        (JsonArray want, JsonArray have) => want.Count == have.Count && want.Zip(have).All(pair => Same("", pair.First, pair.Second)),
        _ => SaysNothing(desired, observed) || JsonNode.DeepEquals(desired, observed),
    };

    private static bool IsText(string map, JsonNode? entry) => entry is JsonValue && (OpenMaps.Contains(map) || AtomicMaps.Contains(map));

    // An empty text of a built-in kind is not stored, nor is an empty list. An empty object may say something: as a selector, all.
    private static bool SaysNothing(JsonNode? desired, JsonNode? observed) =>
        observed is null && (desired is JsonArray { Count: 0 } || (desired is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0));

    /// <summary>The fields by which the API tells a list's items apart; null: it takes the list whole.</summary>
    public static string[]? KeysOf(string list, JsonArray items) => list switch
    {
        "ports" => items.OfType<JsonObject>().Any(p => p.ContainsKey("containerPort")) ? ["containerPort", "protocol"] : ["port", "protocol"],
        _ => MergeKeys.GetValueOrDefault(list),
    };

    private static bool SameKey(string key, JsonNode? a, JsonNode? b) =>
        key == "protocol" ? (a?.ToString() ?? "TCP") == (b?.ToString() ?? "TCP") : JsonNode.DeepEquals(a, b);

    private static bool SameQuantity(JsonNode? a, JsonNode? b)
    {
        if (JsonNode.DeepEquals(a, b)) return true;
        return QuantityValue.TryParse(a?.ToString(), out var x) && QuantityValue.TryParse(b?.ToString(), out var y) && x == y;
    }

    // Fields that our earlier applies own but that we no longer send: an apply would remove them.
    private static string? AbandonedField(JsonObject desired, JsonObject observed, string manager, params ReadOnlySpan<string> part)
    {
        var entries = observed["metadata"]?["managedFields"] as JsonArray ?? [];
        foreach (var entry in entries.OfType<JsonObject>())
        {
            if (!FieldOwners.IsApplyOf(entry, manager)) continue;
            JsonNode? own = entry["fieldsV1"];
            foreach (var name in part) own = own?[$"f:{name}"];
            if (own is JsonObject fields && Abandoned(string.Join('.', part!), fields, At(desired, part)) is { } path) return path;
        }

        return null;
    }

    private static JsonNode? At(JsonNode? json, ReadOnlySpan<string> part)
    {
        foreach (var name in part) json = json?[name];
        return json;
    }

    private static string? Abandoned(string path, JsonObject fields, JsonNode? desired)
    {
        foreach (var (step, below) in fields)
        {
            if (step == ".") continue;
            var (at, value) = Step(path, step, desired);
            if (value is null) return at;
            if (below is JsonObject { Count: > 0 } deeper && Abandoned(at, deeper, value) is { } found) return found;
        }

        return null;
    }

    private static (string Path, JsonNode? Value) Step(string path, string step, JsonNode? at)
    {
        if (step.StartsWith("f:", StringComparison.Ordinal))
        {
            var name = step[2..];
            return ($"{path}{(path.Length > 0 ? "." : "")}{name}", (at as JsonObject)?[name]);
        }

        if (step.StartsWith("k:", StringComparison.Ordinal) && JsonNode.Parse(step[2..]) is JsonObject key)
        {
            var items = (at as JsonArray ?? []).OfType<JsonObject>();
            return ($"{path}[{step[2..]}]", items.FirstOrDefault(i => key.All(k => SameKey(k.Key, k.Value, i[k.Key]))));
        }

        if (step.StartsWith("v:", StringComparison.Ordinal))
        {
            var value = JsonNode.Parse(step[2..]);
            return ($"{path}[{step[2..]}]", (at as JsonArray ?? []).FirstOrDefault(i => JsonNode.DeepEquals(i, value)));
        }

        // "i:" (by index) is not written for apply; what we can't read is taken as still set.
        return (path, JsonValue.Create(true));
    }
}
