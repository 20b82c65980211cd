using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A schema's own keywords, without its children's.</summary>
internal static class OpenApiKeywords
{
    public static void Write(JsonObject json, Schema schema)
    {
        void Put(string name, JsonNode? value)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        if (schema.IntOrString && schema.TypeName is not null)
        {
            json["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        }
        else if (schema.IntOrString)
        {
            json["x-kubernetes-int-or-string"] = true;
        }
        else if (schema.Type is not SchemaType.Any)
        {
            json["type"] = Lower(schema.Type.ToString());
        }

        Put("format", schema.Format is "quantity" ? null : schema.Format);
        Put("title", schema.Title);
        Put("enum", schema.Enum.Count > 0 ? new JsonArray([.. schema.Enum.Select(one => one.Copy())]) : null);
        Put("minimum", schema.Minimum);
        Put("maximum", schema.Maximum);
        Put("exclusiveMinimum", schema.ExclusiveMinimum ? true : null);
        Put("exclusiveMaximum", schema.ExclusiveMaximum ? true : null);
        Put("multipleOf", schema.MultipleOf);
        Put("minLength", schema.MinLength);
        Put("maxLength", schema.MaxLength);
        Put("pattern", schema.Pattern);
        Put("minItems", schema.MinItems);
        Put("maxItems", schema.MaxItems);
        Put("minProperties", schema.MinProperties);
        Put("maxProperties", schema.MaxProperties);
        Put("nullable", schema.Nullable ? true : null);
        Put("x-kubernetes-preserve-unknown-fields", schema.PreserveUnknownFields ? true : null);
        Put("x-kubernetes-embedded-resource", schema.EmbeddedResource ? true : null);
        Put("x-kubernetes-map-type", schema.AtomicMap ? "atomic" : null);
        Put("x-kubernetes-patch-merge-key", schema.PatchMergeKey);
        Put("x-kubernetes-patch-strategy", PatchStrategy(schema));
        if (schema.Type is SchemaType.Array)
        {
            json["x-kubernetes-list-type"] = Lower(schema.ListKind.ToString());
            Put("x-kubernetes-list-map-keys", schema.ListMapKeys.Count > 0 ? new JsonArray([.. schema.ListMapKeys.Select(key => (JsonNode?)key)]) : null);
        }
    }

    private static string? PatchStrategy(Schema schema) => (schema.PatchMerges, schema.PatchRetainsKeys) switch
    {
        (true, true) => "merge,retainKeys",
        (true, false) => "merge",
        (false, true) => "retainKeys",
        _ => schema.PatchReplaces ? "replace" : null,
    };

    // The names of our enums are the keywords' values, capitalised.
    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
