using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Reads an openAPIV3Schema as a CustomResourceDefinition holds it.</summary>
internal static class SchemaParser
{
    private static readonly Dictionary<string, SchemaType> Types = new()
    {
        [""] = SchemaType.Any,
        ["object"] = SchemaType.Object,
        ["array"] = SchemaType.Array,
        ["string"] = SchemaType.String,
        ["integer"] = SchemaType.Integer,
        ["number"] = SchemaType.Number,
        ["boolean"] = SchemaType.Boolean,
    };

    private static readonly Dictionary<string, ListKind> ListKinds = new()
    {
        ["atomic"] = ListKind.Atomic,
        ["set"] = ListKind.Set,
        ["map"] = ListKind.Map,
    };

    public static Schema Parse(JsonObject source)
    {
        var additional = source["additionalProperties"];
        return new()
        {
            Type = OneOf(source, "type", Types) ?? SchemaType.Any,
            Format = Text(source, "format"),
            Title = Text(source, "title"),
            Description = Text(source, "description"),
            Nullable = Flag(source, "nullable"),
            IntOrString = Flag(source, "x-kubernetes-int-or-string"),
            PreserveUnknownFields = Flag(source, "x-kubernetes-preserve-unknown-fields"),
            EmbeddedResource = Flag(source, "x-kubernetes-embedded-resource"),
            ListKind = OneOf(source, "x-kubernetes-list-type", ListKinds) ?? ListKind.Atomic,
            ListMapKeys = Texts(source, "x-kubernetes-list-map-keys"),
            AtomicMap = Text(source, "x-kubernetes-map-type") == "atomic",
            Properties = Children(source, "properties"),
            Items = source["items"] is { } ? Child(source, "items") : null,
            AdditionalProperties = additional switch
            {
                null => null,
                JsonValue value when value.GetValueKind() is JsonValueKind.True => Schema.Anything,
                JsonValue value when value.GetValueKind() is JsonValueKind.False => null,
                _ => Child(source, "additionalProperties"),
            },
            ForbidsAdditionalProperties = additional is JsonValue no && no.GetValueKind() is JsonValueKind.False,
            Required = Texts(source, "required"),
            Default = source["default"]?.DeepClone(),
            Enum = [.. Elements(source, "enum").Select(one => one?.DeepClone())],
            Minimum = Number(source, "minimum"),
            Maximum = Number(source, "maximum"),
            ExclusiveMinimum = Flag(source, "exclusiveMinimum"),
            ExclusiveMaximum = Flag(source, "exclusiveMaximum"),
            MultipleOf = Number(source, "multipleOf"),
            MinLength = Count(source, "minLength"),
            MaxLength = Count(source, "maxLength"),
            Pattern = Text(source, "pattern"),
            MinItems = Count(source, "minItems"),
            MaxItems = Count(source, "maxItems"),
            UniqueItems = Flag(source, "uniqueItems"),
            MinProperties = Count(source, "minProperties"),
            MaxProperties = Count(source, "maxProperties"),
            AllOf = Branches(source, "allOf"),
            AnyOf = Branches(source, "anyOf"),
            OneOf = Branches(source, "oneOf"),
            Not = source["not"] is { } ? Child(source, "not") : null,
        };
    }

    private static Schema Child(JsonObject source, string keyword) =>
        source[keyword] is JsonObject child ? Parse(child) : throw Wrong(keyword, "an object");

    private static Dictionary<string, Schema> Children(JsonObject source, string keyword) => source[keyword] switch
    {
        null => [],
        JsonObject children => children.ToDictionary(
            child => child.Key,
            child => child.Value is JsonObject schema ? Parse(schema) : throw Wrong($"{keyword}.{child.Key}", "an object")),
        _ => throw Wrong(keyword, "an object"),
    };

    private static Schema[] Branches(JsonObject source, string keyword) =>
        [.. Elements(source, keyword).Select(branch => branch is JsonObject schema ? Parse(schema) : throw Wrong(keyword, "a list of objects"))];

    private static JsonArray Elements(JsonObject source, string keyword) => source[keyword] switch
    {
        null => [],
        JsonArray elements => elements,
        _ => throw Wrong(keyword, "a list"),
    };

    private static string[] Texts(JsonObject source, string keyword) =>
        [.. Elements(source, keyword).Select(one => one.AsText() ?? throw Wrong(keyword, "a list of strings"))];

    private static string? Text(JsonObject source, string keyword) =>
        source[keyword] is not { } value ? null : value.AsText() ?? throw Wrong(keyword, "a string");

    private static bool Flag(JsonObject source, string keyword) => source[keyword]?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Wrong(keyword, "true or false"),
    };

    private static double? Number(JsonObject source, string keyword) =>
        source[keyword] is not { } value ? null : JsonNumber.Read(value)?.Approximate ?? throw Wrong(keyword, "a number");

    private static long? Count(JsonObject source, string keyword) =>
        source[keyword] is not { } value ? null : JsonNumber.Read(value)?.Exact ?? throw Wrong(keyword, "an integer");

    private static TValue? OneOf<TValue>(JsonObject source, string keyword, Dictionary<string, TValue> known)
        where TValue : struct
    {
        if (Text(source, keyword) is not { } text)
        {
            return null;
        }

        return known.TryGetValue(text, out var value)
            ? value
            : throw Wrong(keyword, $"one of {string.Join(", ", known.Keys.Where(key => key is not ""))}, not {text}");
    }

    private static InvalidSchemaException Wrong(string keyword, string expected) => new($"{keyword} must be {expected}");
}
