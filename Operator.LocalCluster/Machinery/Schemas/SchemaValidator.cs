using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Checks an object against its schema and says what is wrong in the real server's words, in the schema's order of fields.</summary>
internal static class SchemaValidator
{
    public static IReadOnlyList<FieldError> Validate(JsonNode? document, Schema schema)
    {
        var errors = new List<FieldError>();
        Check(document, schema, "", errors);
        UniqueListEntries.Check(document, schema, "", errors);
        return errors;
    }

    private static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (!HasRightType(node, schema))
        {
            var (expected, found) = Mismatch(node, schema);
            errors.Add(FieldError.TypeInvalid(path, found, $"{path} in body must be of type {expected}: {GoText.Quote(found)}"));
        }

        if (node is not null)
        {
            SchemaBranches.Check(node, schema, path, errors, Check);
            StringChecks.Check(node, schema, path, errors);
            NumberChecks.Check(node, schema, path, errors);
            CheckElements(node, schema, path, errors);
        }

        if (schema.Enum.Count > 0 && !schema.Enum.Any(one => JsonNodes.Same(one, node)))
        {
            errors.Add(FieldError.NotSupported(path, node, schema.Enum.Select(one => one.AsText() ?? JsonNodes.Canonical(one))));
        }

        if (node is JsonObject fields)
        {
            CheckFields(fields, schema, path, errors);
        }
    }

    private static void CheckElements(JsonNode node, Schema schema, string path, List<FieldError> errors)
    {
        if (node is not JsonArray elements)
        {
            return;
        }

        for (var index = 0; schema.Items is not null && index < elements.Count; index++)
        {
            Check(elements[index], schema.Items, $"{path}[{index}]", errors);
        }

        if (elements.Count < schema.MinItems)
        {
            errors.Add(FieldError.Invalid(path, elements.Count, $"{path} in body should have at least {schema.MinItems} items"));
        }

        if (elements.Count > schema.MaxItems)
        {
            errors.Add(FieldError.TooMany(path, elements.Count, schema.MaxItems.Value));
        }

        if (schema.UniqueItems && elements.Select(JsonNodes.Canonical).Distinct().Count() < elements.Count)
        {
            errors.Add(FieldError.Invalid(path, "", $"{path} in body shouldn't contain duplicates"));
        }
    }

    private static void CheckFields(JsonObject fields, Schema schema, string path, List<FieldError> errors)
    {
        if (fields.Count < schema.MinProperties)
        {
            errors.Add(FieldError.Invalid(path, fields.Count, $"{path} in body should have at least {schema.MinProperties} properties"));
        }

        if (fields.Count > schema.MaxProperties)
        {
            errors.Add(FieldError.TooMany(path, fields.Count, schema.MaxProperties.Value));
        }

        foreach (var (name, value) in fields)
        {
            if (schema.Properties.ContainsKey(name))
            {
                continue;
            }

            if (schema.ForbidsAdditionalProperties)
            {
                errors.Add(FieldError.Invalid(path, name, $"{path}.{name} in body is a forbidden property"));
            }
            else if (schema.AdditionalProperties is { } additional)
            {
                Check(value, additional, $"{path}.{name}", errors);
            }
        }

        foreach (var (name, property) in schema.Properties)
        {
            if (fields.TryGetPropertyValue(name, out var value))
            {
                Check(value, property, path is "" ? name : $"{path}.{name}", errors);
            }
        }

        foreach (var name in schema.Required.Where(name => !fields.ContainsKey(name)))
        {
            errors.Add(FieldError.Required(path is "" ? name : $"{path}.{name}"));
        }
    }

    private static bool HasRightType(JsonNode? node, Schema schema) => node switch
    {
        null => schema.Nullable || (schema.Type is SchemaType.Any && !schema.IntOrString),
        _ when schema.IntOrString => node.AsText() is not null || JsonNumber.Read(node) is { IsIntegral: true },
        _ => schema.Type switch
        {
            SchemaType.Object => node is JsonObject,
            SchemaType.Array => node is JsonArray,
            SchemaType.String => node.AsText() is not null,
            SchemaType.Integer => JsonNumber.Read(node) is { IsIntegral: true },
            SchemaType.Number => JsonNumber.Read(node) is not null,
            SchemaType.Boolean => node.AsFlag() is not null,
            _ => true,
        },
    };

    // Where a schema names a format, the real server compares formats: a fraction is no int32 but a float64.
    private static (string Expected, string Found) Mismatch(JsonNode? node, Schema schema) =>
        schema.Format is { } format && node is not (null or JsonArray) && node.AsText() is null
            ? (format, JsonNumber.Read(node) is { } number ? number.Exact is null ? "float64" : "int64" : "")
            : (TypeName(schema), TypeName(node));

    private static string TypeName(Schema schema) => schema.IntOrString ? "integer,string" : schema.Type switch
    {
        SchemaType.Object => "object",
        SchemaType.Array => "array",
        SchemaType.String => "string",
        SchemaType.Integer => "integer",
        SchemaType.Number => "number",
        SchemaType.Boolean => "boolean",
        _ => "",
    };

    private static string TypeName(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => JsonNumber.Read(node) is { Exact: not null } ? "integer" : "number",
    };
}
