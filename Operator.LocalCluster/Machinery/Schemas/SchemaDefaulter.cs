using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// Fills absent fields with their schema's default, parents before children. A null that the schema doesn't allow counts as
/// absent: it becomes the default, or goes away where there is none.
/// </summary>
internal static class SchemaDefaulter
{
    public static JsonObject Apply(JsonObject document, Schema schema)
    {
        var result = document.Clone();
        Fill(result, schema);
        return result;
    }

    private static void Fill(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (value is null && schema.Field(name) is { Nullable: false, Default: null })
                    {
                        fields.Remove(name);
                    }
                }

                foreach (var (name, property) in schema.Properties)
                {
                    if (property.Default is { } fallback && IsMissing(fields, name, property))
                    {
                        fields[name] = fallback.DeepClone();
                    }
                }

                foreach (var (name, value) in fields.ToList())
                {
                    if (schema.Field(name) is not { } field)
                    {
                        continue;
                    }

                    if (value is null && !field.Nullable)
                    {
                        fields[name] = field.Default.Copy();
                    }

                    Fill(fields[name], field);
                }

                break;
            case JsonArray elements when schema.Items is { } items:
                for (var at = 0; at < elements.Count; at++)
                {
                    if (elements[at] is null && items is { Nullable: false, Default: not null })
                    {
                        elements[at] = items.Default.Copy();
                    }

                    Fill(elements[at], items);
                }

                break;
        }
    }

    private static bool IsMissing(JsonObject fields, string name, Schema property) =>
        !fields.TryGetPropertyValue(name, out var value) || (value is null && !property.Nullable);
}
