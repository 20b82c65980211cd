using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>Writes what KubeOps' attributes say of a property or class into its schema.</summary>
internal static class SchemaAttributes
{
    private static readonly string[] ListTypes = ["atomic", "set", "map"];
    private static readonly string[] MapTypes = ["granular", "atomic"];

    public static void ApplyTo(JsonObject schema, MemberInfo member)
    {
        if (member.SchemaAttribute("Title")?.Value<string>("title") is { } title) schema["title"] = title;
        if (member.SchemaAttribute("ExternalDocs") is { } docs) schema["externalDocs"] = ExternalDocs(docs);
        // On a list of scalars these speak of the elements: they mean nothing to the list itself.
        ApplyToValue(schema["items"] is JsonObject items && items["properties"] is null ? items : schema, member);
        Limits(schema, member.SchemaAttribute("Items"), "minItems", "maxItems");
        Limits(schema, member.SchemaAttribute("PropertyLimits"), "minProperties", "maxProperties");
        if (member.SchemaAttribute("DefaultValue") is { } value) schema["default"] = Literal(value, member);
        if (member.SchemaAttribute("Example") is { } example) schema["example"] = Literal(example, member);
        ApplyStructure(schema, member);
        ApplyRules(schema, member);
    }

    private static void ApplyToValue(JsonObject schema, MemberInfo member)
    {
        Limits(schema, member.SchemaAttribute("Length"), "minLength", "maxLength");
        if (member.SchemaAttribute("Pattern")?.Value<string>("regexPattern") is { } pattern) schema["pattern"] = pattern;
        if (member.SchemaAttribute("Format")?.Value<string>("format") is { } format) schema["format"] = format;
        if (member.SchemaAttribute("EnumValues") is { } values) schema["enum"] = new JsonArray([.. values.Values<object>("values").Select(Scalar)]);
        if (member.SchemaAttribute("MultipleOf") is { } multiple) schema["multipleOf"] = Scalar(multiple.Value<double>("value"));
        Range(schema, member.SchemaAttribute("RangeMinimum"), "minimum");
        Range(schema, member.SchemaAttribute("RangeMaximum"), "maximum");
    }

    private static void ApplyStructure(JsonObject schema, MemberInfo member)
    {
        if (member.SchemaAttribute("PreserveUnknownFields") is not null) schema["x-kubernetes-preserve-unknown-fields"] = true;
        if (member.SchemaAttribute("EmbeddedResource") is not null)
        {
            schema["type"] ??= "object"; // The API server refuses it without.
            schema["x-kubernetes-embedded-resource"] = true;
        }

        // uniqueItems is forbidden in a CRD (it is quadratic); a set says the same.
        if (member.SchemaAttribute("UniqueItems") is not null) schema["x-kubernetes-list-type"] = "set";
        if (member.SchemaAttribute("XListType") is { } list) schema["x-kubernetes-list-type"] = ListTypes[list.Number("listType")];
        if (member.SchemaAttribute("XMapType") is { } map) schema["x-kubernetes-map-type"] = MapTypes[map.Number("mapType")];
        if (member.SchemaAttribute("XListMapKeys") is { } keys)
        {
            schema["x-kubernetes-list-map-keys"] = new JsonArray([.. keys.Values<string>("keys").Select(k => JsonValue.Create(k))]);
        }
    }

    private static void ApplyRules(JsonObject schema, MemberInfo member)
    {
        var rules = member.SchemaAttributes("ValidationRule").Select(attribute =>
        {
            var rule = new JsonObject();
            foreach (var key in (string[])["rule", "fieldPath", "message", "messageExpression", "reason"])
            {
                if (attribute.Value<string>(key) is { } text) rule[key] = text;
            }

            return rule;
        }).ToArray();
        if (rules.Length == 0) return;

        var all = schema["x-kubernetes-validations"] as JsonArray ?? [];
        foreach (var rule in rules) all.Add((JsonNode)rule);
        schema["x-kubernetes-validations"] = all;
    }

    private static void Limits(JsonObject schema, AttributeView? attribute, string minimum, string maximum)
    {
        if (attribute is null) return;
        if (attribute.Value(minimum, -1L) is >= 0 and var least) schema[minimum] = least;
        if (attribute.Value(maximum, -1L) is >= 0 and var most) schema[maximum] = most;
    }

    private static void Range(JsonObject schema, AttributeView? attribute, string key)
    {
        if (attribute is null) return;
        schema[key] = Scalar(attribute.Value<double>(key));
        var exclusive = key == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
        if (attribute.Value<bool>(exclusive)) schema[exclusive] = true;
    }

    private static JsonObject ExternalDocs(AttributeView attribute)
    {
        var docs = new JsonObject { ["url"] = attribute.Value<string>("url") };
        if (attribute.Value<string>("description") is { } description) docs["description"] = description;
        return docs;
    }

    private static JsonNode? Literal(AttributeView attribute, MemberInfo member)
    {
        var value = attribute.Raw("value");
        if (!attribute.Value<bool>("Json") || value is not string json) return Scalar(value);
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new CliException($"{member.DeclaringType?.Name}.{member.Name}: {json} is not JSON", e);
        }
    }

    // 8.0 is written as 8: attributes have doubles where integers are meant.
    private static JsonNode? Scalar(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        long whole => JsonValue.Create(whole),
        double number when Math.Abs(number) < 1L << 53 && number == Math.Truncate(number) => JsonValue.Create((long)number),
        double number => JsonValue.Create(number),
        _ => throw new CliException($"a value of type {value.GetType().Name} can't stand in a schema"),
    };
}
