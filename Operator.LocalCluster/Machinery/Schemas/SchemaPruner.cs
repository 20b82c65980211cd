using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Drops the fields that a schema doesn't know and names them, as strict field validation reports them.</summary>
internal static class SchemaPruner
{
    private static readonly string[] ResourceFields = ["apiVersion", "kind", "metadata"];

    /// <returns>
    /// The pruned copy and the dropped fields' paths in ordinal order, such as <c>spec.ports[0].prot</c>. The real server says
    /// <c>unknown field "spec.ports[0].prot"</c>.
    /// </returns>
    public static (JsonObject Result, IReadOnlyList<string> UnknownPaths) Prune(JsonObject document, Schema schema)
    {
        var result = document.Clone();
        var unknown = new List<string>();
        Prune(result, schema with { EmbeddedResource = true }, "", unknown);
        unknown.Sort(StringComparer.Ordinal);
        return (result, unknown);
    }

    private static void Prune(JsonNode? node, Schema? schema, string path, List<string> unknown)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    var at = path is "" ? name : $"{path}.{name}";
                    if (schema is { EmbeddedResource: true } && ResourceFields.Contains(name))
                    {
                        PruneMetadata(name, value, schema, at, unknown);
                    }
                    else if (schema?.Field(name) is { } field)
                    {
                        Prune(value, field, at, unknown);
                    }
                    else if (schema is not { PreserveUnknownFields: true })
                    {
                        unknown.Add(at);
                        fields.Remove(name);
                    }
                }

                break;
            case JsonArray elements:
                var items = schema is { PreserveUnknownFields: true } ? Keeping(schema.Items) : schema?.Items;
                for (var index = 0; index < elements.Count; index++)
                {
                    Prune(elements[index], items, $"{path}[{index}]", unknown);
                }

                break;
        }
    }

    private static Schema Keeping(Schema? items) => items is null ? Schema.Anything : items with { PreserveUnknownFields = true };

    // A custom resource's schema leaves metadata open; its fields are those of every object.
    private static void PruneMetadata(string name, JsonNode? value, Schema schema, string path, List<string> unknown)
    {
        if (name is "metadata")
        {
            var declared = schema.Field(name) is { Properties.Count: > 0 } own && own.Properties.ContainsKey("managedFields") ? own : null;
            Prune(value, declared ?? BuiltInSchemas.ObjectMeta, path, unknown);
            BuiltInShape.Tidy(value, BuiltInSchemas.ObjectMeta);
        }
    }
}
