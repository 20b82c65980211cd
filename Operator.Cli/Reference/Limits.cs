using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.Cli.Reference;

/// <summary>What a schema demands of a value, in words.</summary>
internal static class Limits
{
    /// <summary>One sentence's part for each demand; of a list of scalars also those on its entries.</summary>
    public static IEnumerable<string> Of(JsonObject schema) =>
    [
        .. OfValue(schema),
        .. schema["items"] is JsonObject items && items["properties"] is null ? OfValue(items).Select(l => "each " + l) : [],
        .. Between(schema, "minItems", "maxItems", "entries"),
        .. Between(schema, "minProperties", "maxProperties", "entries"),
        .. schema["x-kubernetes-list-map-keys"] is JsonArray keys ? [$"one entry for each {string.Join(" and ", keys.Select(Code))}"] : Array.Empty<string>(),
        .. (string?)schema["x-kubernetes-list-type"] == "set" ? ["each entry once"] : Array.Empty<string>(),
        .. schema["x-kubernetes-validations"] is JsonArray rules ? rules.Select(r => (string)r!["message"]!).Distinct() : [],
    ];

    /// <summary>A value as it is written in YAML.</summary>
    public static string Code(JsonNode? value) => $"`{value}`";

    private static IEnumerable<string> OfValue(JsonObject schema)
    {
        if (schema["enum"] is JsonArray values) yield return "one of " + string.Join(", ", values.Select(Code));
        foreach (var range in Between(schema, "minimum", "maximum", null)) yield return range;
        foreach (var length in Between(schema, "minLength", "maxLength", "characters")) yield return length;
        if ((string?)schema["pattern"] is { } pattern) yield return $"matches `{pattern}`";
    }

    private static IEnumerable<string> Between(JsonObject schema, string minimum, string maximum, string? unit)
    {
        unit = unit is null ? "" : " " + unit;
        var range = (Number(schema[minimum]), Number(schema[maximum])) switch
        {
            (null, null) => null,
            ({ } least, null) => $"at least {least}{unit}",
            (null, { } most) => $"at most {most}{unit}",
            ({ } least, { } most) => $"{least} to {most}{unit}",
        };
        if (range is not null) yield return range;
    }

    private static string? Number(JsonNode? value) => value is null ? null : Convert.ToString(value.GetValue<object>(), CultureInfo.InvariantCulture);
}
