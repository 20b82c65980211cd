using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.Reconciling;

/// <summary>
/// What of an object its manager has applied, with the values that are there: sent again, it changes nothing and takes over nothing of what defaults and others have added. The
/// same as client-go's Extract.
/// </summary>
internal static class OwnFields
{
    /// <summary>The manager's fields of a part of the object; null if it has applied none there.</summary>
    /// <param name="observed">The object as it is.</param>
    /// <param name="manager">The field manager that we apply as.</param>
    /// <param name="part">The part, such as spec, template.</param>
    public static JsonNode? Of(IKubernetesObject<V1ObjectMeta> observed, string manager, params ReadOnlySpan<string> part)
    {
        var json = (JsonObject)JsonNode.Parse(KubernetesJson.Serialize((object)observed))!;
        var entry = (json["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(e => FieldOwners.IsApplyOf(e, manager));
        JsonNode? fields = entry?["fieldsV1"];
        JsonNode? value = json;
        foreach (var name in part) (fields, value) = (fields?[$"f:{name}"], value?[name]);
        return fields is JsonObject own && value is not null ? Extract(own, value) : null;
    }

    // A field without any below it is owned whole.
    private static JsonNode Extract(JsonObject fields, JsonNode value) => (fields.Count, value) switch
    {
        (0, _) => value.DeepClone(),
        (_, JsonObject map) => new JsonObject(fields.Where(f => f.Key.StartsWith("f:", StringComparison.Ordinal) && map[f.Key[2..]] is not null)
            .Select(f => KeyValuePair.Create(f.Key[2..], (JsonNode?)Extract((JsonObject)f.Value!, map[f.Key[2..]]!)))),
        (_, JsonArray list) => new JsonArray([.. list.OfType<JsonNode>().Select(item => Item(fields, item)).OfType<JsonNode>()]),
        _ => value.DeepClone(),
    };

    private static JsonNode? Item(JsonObject fields, JsonNode item)
    {
        foreach (var (step, below) in fields)
        {
            var isMeant = step.StartsWith("k:", StringComparison.Ordinal)
                ? item is JsonObject entry && JsonNode.Parse(step[2..]) is JsonObject key && key.All(k => JsonNode.DeepEquals(k.Value, entry[k.Key]))
                : step.StartsWith("v:", StringComparison.Ordinal) && JsonNode.DeepEquals(JsonNode.Parse(step[2..]), item);
            if (isMeant) return Extract((JsonObject)below!, item);
        }

        return null;
    }
}
