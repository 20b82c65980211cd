using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Requirements on labels that must all hold; none means everything.</summary>
internal sealed class LabelSelector
{
    private LabelSelector(IReadOnlyList<LabelRequirement> requirements) => Requirements = requirements;

    public static LabelSelector Everything { get; } = new([]);

    public IReadOnlyList<LabelRequirement> Requirements { get; }

    public bool IsEverything => Requirements.Count is 0;

    /// <summary>The query parameter's syntax: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>.</summary>
    /// <exception cref="SelectorException">The text is no selector.</exception>
    public static LabelSelector Parse(string? text) =>
        new LabelSelectorReader(text ?? "").Read() is [_, ..] requirements ? new(requirements) : Everything;

    /// <summary>A LabelSelector of the API: matchLabels and matchExpressions. Absent selects nothing, empty everything: null says nothing.</summary>
    /// <exception cref="SelectorException">An operator is unknown or its values don't fit.</exception>
    public static LabelSelector? From(JsonObject? selector)
    {
        if (selector is null)
        {
            return null;
        }

        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector["matchLabels"] as JsonObject ?? [])
        {
            requirements.Add(new(key, LabelOperator.In, [value.AsText() ?? ""]));
        }

        foreach (var expression in selector["matchExpressions"] as JsonArray ?? [])
        {
            requirements.Add(FromExpression(expression as JsonObject ?? []));
        }

        return new(requirements);
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels) => Requirements.All(requirement => requirement.Matches(labels));

    /// <summary>Whether an object's metadata.labels satisfy the selector.</summary>
    public bool Matches(JsonObject document) => IsEverything || Matches(Labels(document));

    private static Dictionary<string, string> Labels(JsonObject document) =>
        (document.At("metadata", "labels") as JsonObject ?? [])
        .ToDictionary(label => label.Key, label => label.Value.AsText() ?? "");

    private static LabelRequirement FromExpression(JsonObject expression)
    {
        var key = expression["key"].AsText() ?? "";
        string[] values = [.. (expression["values"] as JsonArray ?? []).Select(value => value.AsText() ?? "")];
        var name = expression["operator"].AsText() ?? "";
        var parsed = name switch
        {
            "In" => LabelOperator.In,
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            _ => throw new SelectorException($"{GoText.Quote(name)} is not a valid label selector operator"),
        };
        return (parsed is LabelOperator.In or LabelOperator.NotIn) == values is not []
            ? new(key, parsed, values)
            : throw new SelectorException(values is []
                ? "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
                : "values: Invalid value: []: values set must be empty for exists and does not exist");
    }
}
