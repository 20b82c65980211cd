using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>What makes a schema structural: every field has a type, and what only limits values says nothing about structure.</summary>
internal static class StructuralRules
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    // What allOf, anyOf, oneOf and not may not say, and how the refusal ends.
    private static readonly (string Keyword, string Problem)[] StructureOnly =
    [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ];

    private static readonly (string Keyword, string Problem)[] Unsupported =
    [
        ("$ref", "$ref is not supported"),
        ("id", "id is not supported"),
        ("additionalItems", "additionalItems is not supported"),
        ("patternProperties", "patternProperties is not supported"),
        ("definitions", "definitions is not supported"),
        ("dependencies", "dependencies is not supported"),
    ];

    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        CheckNode(schema, path, errors);
        if (schema["nullable"].AsFlag() is true)
        {
            errors.Add(FieldError.Forbidden($"{path}.nullable", "nullable cannot be true at the root"));
        }

        switch (schema["type"].AsText())
        {
            case null or "":
                errors.Add(FieldError.Required($"{path}.type", "must not be empty at the root"));
                break;
            case not "object" and var type:
                errors.Add(FieldError.Invalid($"{path}.type", type, "must be object at the root"));
                break;
        }

        if (schema["properties"]?["metadata"] is JsonObject metadata && metadata["properties"] is JsonObject fields
            && fields.Any(field => field.Key is not ("name" or "generateName")))
        {
            errors.Add(FieldError.Forbidden(path, "must not specify anything other than name and generateName, but metadata is implicitly specified"));
        }

        CheckDefaults(schema, path, errors);
    }

    private static void CheckNode(JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var (keyword, problem) in Unsupported)
        {
            if (schema[keyword] is not null)
            {
                errors.Add(FieldError.Forbidden($"{path}.{keyword}", problem));
            }
        }

        var type = schema["type"].AsText() ?? "";
        if (type is not "" && !Types.Contains(type))
        {
            errors.Add(FieldError.NotSupported($"{path}.type", type, Types));
        }

        if (schema["uniqueItems"].AsFlag() is true)
        {
            errors.Add(FieldError.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }

        if (schema["pattern"].AsText() is { } pattern && !GoPattern.IsValid(pattern))
        {
            errors.Add(FieldError.Invalid($"{path}.pattern", pattern, "must be a valid regular expression, but isn't"));
        }

        if (schema["x-kubernetes-preserve-unknown-fields"].AsFlag() is false)
        {
            errors.Add(FieldError.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
        }

        ListAndMapRules.Check(schema, type, path, errors);
        CheckChildren(schema, type, path, errors);
        CheckBranches(schema, path, errors);
    }

    private static void CheckChildren(JsonObject schema, string type, string path, List<FieldError> errors)
    {
        var additional = schema["additionalProperties"];
        if (additional.AsFlag() is false)
        {
            errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties cannot be set to false"));
        }

        if (additional is JsonObject && schema["properties"] is JsonObject { Count: > 0 })
        {
            errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }

        if (type is "array" && schema["items"] is null && schema["x-kubernetes-preserve-unknown-fields"].AsFlag() is not true)
        {
            errors.Add(FieldError.Required($"{path}.items", "must be specified"));
        }

        if (schema["items"] is JsonArray)
        {
            errors.Add(FieldError.Forbidden($"{path}.items", "items must be a schema object and not an array"));
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            CheckChild(property, $"{path}.properties[{name}]", "must not be empty for specified object fields", errors);
        }

        CheckChild(schema["items"], $"{path}.items", "must not be empty for specified array items", errors);
        CheckChild(additional, $"{path}.additionalProperties", "must not be empty for specified object fields", errors);
    }

    private static void CheckChild(JsonNode? child, string path, string untyped, List<FieldError> errors)
    {
        if (child is not JsonObject schema)
        {
            return;
        }

        if (string.IsNullOrEmpty(schema["type"].AsText())
            && schema["x-kubernetes-int-or-string"].AsFlag() is not true
            && schema["x-kubernetes-preserve-unknown-fields"].AsFlag() is not true)
        {
            errors.Add(FieldError.Required($"{path}.type", untyped));
        }

        CheckNode(schema, path, errors);
    }

    private static void CheckBranches(JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var keyword in new[] { "allOf", "anyOf", "oneOf" })
        {
            foreach (var (index, branch) in (schema[keyword] as JsonArray ?? []).Index())
            {
                CheckBranch(branch, schema, $"{path}.{keyword}[{index}]", errors);
            }
        }

        CheckBranch(schema["not"], schema, $"{path}.not", errors);
    }

    private static void CheckBranch(JsonNode? node, JsonObject owner, string path, List<FieldError> errors)
    {
        if (node is not JsonObject branch)
        {
            return;
        }

        // The one pattern that may name types: anyOf integer or string.
        var isIntOrString = owner["x-kubernetes-int-or-string"].AsFlag() is true && branch["type"].AsText() is "integer" or "string";
        foreach (var (keyword, problem) in StructureOnly)
        {
            var value = branch[keyword];
            if (value is not null && value.AsFlag() is not false && !(keyword is "type" && isIntOrString))
            {
                errors.Add(FieldError.Forbidden($"{path}.{keyword}", problem));
            }
        }

        foreach (var (name, property) in branch["properties"] as JsonObject ?? [])
        {
            CheckBranch(property, [], $"{path}.properties[{name}]", errors);
        }

        CheckBranch(branch["items"], [], $"{path}.items", errors);
        CheckBranches(branch, path, errors);
    }

    // A default must itself be valid, and know no fields that the schema doesn't.
    private static void CheckDefaults(JsonNode? node, string path, List<FieldError> errors)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        if (schema["default"] is { } value)
        {
            try
            {
                errors.AddRange(SchemaValidator.Validate(value, Schema.Parse(schema))
                    .Select(error => error with { Path = error.Path is "<nil>" ? $"{path}.default" : $"{path}.default.{error.Path}" }));
            }
            catch (InvalidSchemaException wrong)
            {
                errors.Add(FieldError.Invalid(path, "", wrong.Message));
            }
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            CheckDefaults(property, $"{path}.properties[{name}]", errors);
        }

        CheckDefaults(schema["items"], $"{path}.items", errors);
        CheckDefaults(schema["additionalProperties"], $"{path}.additionalProperties", errors);
    }
}
