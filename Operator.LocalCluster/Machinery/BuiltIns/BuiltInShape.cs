using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// The parts that an object of a built-in type always has, because the type holds them by value: a Deployment has a status, a
/// strategy and a pod template, even if all are empty.
/// </summary>
internal static class BuiltInShape
{
    /// <summary>Adds the parts in place; leaves objects of custom types as they are.</summary>
    public static JsonObject Complete(JsonObject document, Schema schema)
    {
        Complete((JsonNode)document, schema);
        return document;
    }

    private static void Complete(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var part in schema.TypeName is null ? [] : StructParts.Of(schema.TypeName))
                {
                    if (fields[part] is null)
                    {
                        fields[part] = new JsonObject();
                    }
                }

                foreach (var (name, value) in fields)
                {
                    if (schema.Field(name) is { } field)
                    {
                        Complete(value, field);
                    }
                }

                break;
            case JsonArray entries when schema.Items is { } items:
                foreach (var entry in entries)
                {
                    Complete(entry, items);
                }

                break;
        }
    }
}
