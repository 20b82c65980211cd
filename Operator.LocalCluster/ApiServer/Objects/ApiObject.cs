using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.ApiServer.Objects;

/// <summary>Reads API objects in their JSON form: absent, null and wrongly typed fields all read as absent.</summary>
internal static class ApiObject
{
    extension(JsonObject json)
    {
        /// <summary>The object's metadata; an empty, unattached object if it has none.</summary>
        public JsonObject Metadata => json["metadata"] as JsonObject ?? [];

        public string Name => json.Metadata.Text("name") ?? "";

        public string Namespace => json.Metadata.Text("namespace") ?? "";

        public string Uid => json.Metadata.Text("uid") ?? "";

        public string ResourceVersion => json.Metadata.Text("resourceVersion") ?? "";

        public bool IsDeleting => json.Metadata.Text("deletionTimestamp") is not null;

        public long Generation => json.Metadata.Number("generation") ?? 0;

        public IReadOnlyList<string> Finalizers => json.Metadata.Texts("finalizers");

        /// <summary>The object's labels, empty if it has none.</summary>
        public IReadOnlyDictionary<string, string> Labels => json.TextMap("metadata", "labels");

        /// <summary>The node at a path of field names.</summary>
        public JsonNode? At(params ReadOnlySpan<string> path)
        {
            JsonNode? node = json;
            foreach (var step in path) node = node is JsonObject o ? o[step] : null;
            return node;
        }

        public string? Text(params ReadOnlySpan<string> path) => json.At(path) is JsonValue v && v.TryGetValue(out string? text) ? text : null;

        public long? Number(params ReadOnlySpan<string> path) => AsNumber(json.At(path));

        public bool Flag(params ReadOnlySpan<string> path) => json.At(path) is JsonValue v && v.TryGetValue(out bool flag) && flag;

        /// <summary>The objects of a list; other items are left out.</summary>
        public IEnumerable<JsonObject> Objects(params ReadOnlySpan<string> path) => json.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

        public IReadOnlyList<string> Texts(params ReadOnlySpan<string> path) =>
            json.At(path) is JsonArray list ? [.. list.OfType<JsonValue>().Select(v => v.TryGetValue(out string? s) ? s : null).OfType<string>()] : [];

        public IReadOnlyDictionary<string, string> TextMap(params ReadOnlySpan<string> path)
        {
            if (json.At(path) is not JsonObject map) return System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
            var texts = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
            foreach (var (key, value) in map)
            {
                if (value is JsonValue v && v.TryGetValue(out string? text)) texts[key] = text;
            }

            return texts;
        }

        /// <summary>The child object of that name, added if absent.</summary>
        public JsonObject Ensure(string name)
        {
            if (json[name] is JsonObject child) return child;
            var added = new JsonObject();
            json[name] = added;
            return added;
        }

        /// <summary>Sets a field, or removes it where there is no value.</summary>
        public void SetOrRemove(string name, JsonNode? value)
        {
            if (value is null) json.Remove(name);
            else json[name] = value;
        }

        /// <summary>Sets a field only where it is absent.</summary>
        public void Fill(string name, JsonNode value)
        {
            if (json[name] is null) json[name] = value;
        }

        /// <summary>Makes a top-level field equal to that of another object, absence included.</summary>
        public void CopyField(string name, JsonObject from) => json.SetOrRemove(name, from[name]?.DeepClone());

        public JsonObject Copy() => (JsonObject)json.DeepClone();
    }

    /// <summary>A whole number in whatever form the node holds it; null if it is none.</summary>
    public static long? AsNumber(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        if (value.TryGetValue(out long number)) return number;
        if (value.TryGetValue(out int small)) return small;
        return value.TryGetValue(out double real) && real == Math.Truncate(real) && Math.Abs(real) < 9e15 ? (long)real : null;
    }

    public static JsonArray List(IEnumerable<JsonNode?> items) => new([.. items]);
}
