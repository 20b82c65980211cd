using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// Fills absent fields with their schema's default, parents before children. A null that the schema doesn't allow counts as
/// absent where there is a default.
/// </summary>
internal static class SchemaDefaulter
{
    /// <summary>What comes in with a request: nulls that the schema doesn't allow and has no default for go away first.</summary>
    public static JsonObject Apply(JsonObject document, Schema schema)
    {
        var result = document.Clone();
        DropNulls(result, schema);
        Fill(result, schema);
        return result;
    }

    /// <summary>What a server-side apply has merged: its nulls stay, and validation refuses them.</summary>
    public static JsonObject FillMerged(JsonObject document, Schema schema)
    {
        var result = document.Clone();
        Fill(result, schema);
        return result;
    }

    private static void DropNulls(JsonNode? node, Schema? schema)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    var field = schema?.Field(name);
                    if (value is null && field is { Nullable: false, Default: null })
                    {
                        fields.Remove(name);
                    }
                    else
                    {
                        DropNulls(value, field);
                    }
                }

                break;
            case JsonArray elements:
                foreach (var element in elements)
                {
                    DropNulls(element, schema?.Items);
                }

                break;
        }
    }

    private static void Fill(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject fields:
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

                    if (value is null && field is { Nullable: false, Default: not null })
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
