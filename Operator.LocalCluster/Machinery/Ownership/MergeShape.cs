using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>What a value is to the merge.</summary>
internal enum MergeKind
{
    Scalar,
    List,
    Map,
}

/// <summary>How structured merging sees a schema: maps, lists and scalars, whole or by entries. Where the schema is silent, the value decides.</summary>
internal static class MergeShape
{
    /// <summary>Inside of what nobody declared, maps merge and lists are one value.</summary>
    private static readonly Schema Undeclared = Schema.Anything;

    /// <summary>The schema with what every resource has: apiVersion, kind and a metadata whose fields are known.</summary>
    public static Schema Resource(Schema schema)
    {
        if (schema.Properties.TryGetValue("metadata", out var metadata) && metadata.Properties.ContainsKey("managedFields"))
        {
            return schema;
        }

        return schema with
        {
            Type = SchemaType.Object,
            Properties = new Dictionary<string, Schema>(schema.Properties)
            {
                ["apiVersion"] = new() { Type = SchemaType.String },
                ["kind"] = new() { Type = SchemaType.String },
                ["metadata"] = BuiltInSchemas.ObjectMeta,
            },
        };
    }

    public static MergeKind KindOf(Schema schema, JsonNode? value) => schema.Type switch
    {
        SchemaType.Object => MergeKind.Map,
        SchemaType.Array => MergeKind.List,
        SchemaType.Any when !schema.IntOrString => value switch
        {
            JsonObject or null => MergeKind.Map,
            JsonArray => MergeKind.List,
            _ => MergeKind.Scalar,
        },
        _ => MergeKind.Scalar,
    };

    public static bool IsDeclared(Schema schema, string name) =>
        schema.Properties.ContainsKey(name) || (schema.EmbeddedResource && name is "apiVersion" or "kind" or "metadata");

    /// <summary>The schema of a map's entry; null where the schema doesn't allow the entry.</summary>
    public static Schema? Field(Schema schema, string name)
    {
        if (schema.EmbeddedResource && name is "metadata")
        {
            return BuiltInSchemas.ObjectMeta;
        }

        if (schema.Properties.TryGetValue(name, out var property))
        {
            return schema.PreserveUnknownFields && property.Type is SchemaType.Object ? property with { PreserveUnknownFields = true } : property;
        }

        return schema.AdditionalProperties
            ?? (schema.PreserveUnknownFields || schema.Properties.Count is 0 ? Undeclared : null);
    }

    public static Schema Element(Schema schema) => schema.Items ?? Undeclared;

    /// <summary>What identifies an entry of a set or list map; null when the entry lacks it.</summary>
    public static PathElement? Identify(Schema list, JsonNode? entry)
    {
        if (list.ListKind is ListKind.Set)
        {
            return entry is null or JsonObject or JsonArray ? null : PathElement.Value(entry);
        }

        if (entry is not JsonObject fields)
        {
            return null;
        }

        var keys = new JsonObject();
        foreach (var name in list.ListMapKeys)
        {
            var value = fields.TryGetPropertyValue(name, out var given) ? given : list.Items?.Field(name)?.Default;
            if (value is not null)
            {
                keys[name] = value.DeepClone();
            }
        }

        return keys.Count is 0 ? null : PathElement.Key(keys);
    }
}
