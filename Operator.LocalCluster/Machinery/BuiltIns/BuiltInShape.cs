using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// The form in which the real server keeps objects of built-in types, whatever was sent: what a type holds by value is always
/// there (a Deployment has a status, a strategy and a pod template), nulls and zero values of optional fields are not, and
/// quantities are canonical. Objects of custom types stay as they are.
/// </summary>
internal static class BuiltInShape
{
    /// <summary>Adds the parts that always exist, in place.</summary>
    public static JsonObject Complete(JsonObject document, Schema schema)
    {
        Complete((JsonNode)document, schema);
        return document;
    }

    /// <summary>Removes what the real server wouldn't keep and makes quantities canonical, in place.</summary>
    public static void Tidy(JsonNode? node, Schema schema)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (schema.Field(name) is not { } field || field.PreserveUnknownFields)
                    {
                        continue;
                    }

                    if (IsNothing(value, field, schema, name))
                    {
                        fields.Remove(name);
                    }
                    else if (field.Format is "quantity")
                    {
                        fields[name] = CanonicalQuantity(value);
                    }
                    else
                    {
                        Tidy(value, field);
                    }
                }

                break;
            case JsonArray entries when schema.Items is { } items:
                foreach (var entry in entries)
                {
                    Tidy(entry, items);
                }

                break;
        }
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

    private static bool IsNothing(JsonNode? value, Schema field, Schema parent, string name) => value switch
    {
        null => true,
        JsonArray { Count: 0 } => !ZeroValues.IsKept(parent.TypeName, name),
        JsonObject { Count: 0 } => field is { TypeName: null, AdditionalProperties: not null },
        _ => parent.TypeName is { } type && IsZero(value) && ZeroValues.IsDropped(type, name),
    };

    private static bool IsZero(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.False => true,
        JsonValueKind.String => value.AsText() is "",
        JsonValueKind.Number => JsonNumber.Read(value) is { Approximate: 0 },
        _ => false,
    };

    private static JsonNode? CanonicalQuantity(JsonNode? value)
    {
        var text = value.AsText() ?? (value is JsonValue ? value.ToJsonString() : null);
        return Quantity.TryParse(text, out var quantity) ? quantity.ToString() : value.Copy();
    }
}
