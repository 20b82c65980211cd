using System.Text.RegularExpressions;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>A series by name and labels, as it is written in a scrape or in a test of rules.</summary>
internal sealed partial record PromSeries(string Name, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Reads <c>name{label="value"}</c>; what follows is ignored.</summary>
    public static PromSeries Parse(string text)
    {
        var match = Line().Match(text);
        Assert.That(match.Success, Is.True, text);
        return new(match.Groups["name"].Value, Label().Matches(match.Groups["labels"].Value).ToDictionary(l => l.Groups[1].Value, l => l.Groups[2].Value));
    }

    /// <summary>Name and names of labels.</summary>
    public string Shape => $"{Name}{{{string.Join(',', Labels.Keys.Order(StringComparer.Ordinal))}}}";

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^"}]|"(\\.|[^"\\])*")*)\})?""")]
    private static partial Regex Line();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"(,|$)""")]
    private static partial Regex Label();
}
