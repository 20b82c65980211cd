using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.ApiServer.Tables;

/// <summary>
/// The part of Kubernetes' JSONPath that printer columns use: fields, <c>['quoted fields']</c>, indexes, <c>[*]</c>
/// and filters such as <c>[?(@.type=="Ready")]</c>.
/// </summary>
internal sealed partial class JsonPath
{
    private readonly IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    public static JsonPath Parse(string path) => new([.. Steps().Matches(path).Select(Step)]);

    public IReadOnlyList<JsonNode?> Find(JsonObject json)
    {
        IEnumerable<JsonNode?> found = [json];
        foreach (var step in _steps) found = found.SelectMany(step);
        return [.. found];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Step(Match match)
    {
        if (match.Groups["field"] is { Success: true } field) return Field(field.Value.Replace("\\.", ".", StringComparison.Ordinal));
        if (match.Groups["quoted"] is { Success: true } quoted) return Field(quoted.Value);
        if (match.Groups["index"] is { Success: true } index) return At(int.Parse(index.Value, CultureInfo.InvariantCulture));
        if (match.Groups["key"] is { Success: true } key) return Where(key.Value, match.Groups["operator"].Value, match.Groups["value"].Value);
        return node => node switch
        {
            JsonArray list => list,
            JsonObject map => map.Select(f => f.Value),
            _ => [],
        };
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Field(string name) =>
        node => node is JsonObject json && json.TryGetPropertyValue(name, out var value) ? [value] : [];

    private static Func<JsonNode?, IEnumerable<JsonNode?>> At(int index) => node =>
    {
        if (node is not JsonArray list) return [];
        var at = index < 0 ? list.Count + index : index;
        return at >= 0 && at < list.Count ? [list[at]] : [];
    };

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Where(string path, string comparison, string value)
    {
        var inner = Parse(path);
        return node => node is JsonArray list
            ? list.Where(item => item is JsonObject json && inner.Find(json) is [{ } found, ..] && (found.ToString() == value) == (comparison == "=="))
            : [];
    }

    [GeneratedRegex("""
        \.(?<field>(?:\\\.|[^.\[\]\\])+)|\[['"](?<quoted>[^'"]*)['"]\]|\[(?<index>-?\d+)\]|\[\?\(\s*@(?<key>\.[^=!\s]+)\s*(?<operator>==|!=)\s*['"]?(?<value>[^'")]*?)['"]?\s*\)\]|\[\*\]
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Steps();
}
