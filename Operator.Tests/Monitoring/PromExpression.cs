using System.Text.RegularExpressions;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>What can be seen of a PromQL expression without a parser; that it is one is for promtool to say.</summary>
internal static partial class PromExpression
{
    private static readonly HashSet<string> s_words = ["and", "or", "unless", "bool", "offset", "by", "on", "without", "ignoring", "group_left", "group_right", "inf", "nan"];

    /// <summary>The metrics that it asks for.</summary>
    public static IEnumerable<string> Metrics(string expression) => Selectors(expression).Select(s => s.Metric).Distinct();

    /// <summary>The selectors in it: each metric with the labels that it is selected by and how.</summary>
    public static IEnumerable<(string Metric, IReadOnlyList<(string Label, string Operator, string Value)> Matchers)> Selectors(string expression)
    {
        // A list of labels looks like metrics.
        var text = LabelList().Replace(expression, "");
        foreach (Match match in Selector().Matches(text))
        {
            var name = match.Groups["name"].Value;
            if (name.Length == 0 || s_words.Contains(name.ToLowerInvariant())) continue;
            yield return (name, [.. Matcher().Matches(match.Groups["labels"].Value).Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value))]);
        }
    }

    /// <summary>The ranges and offsets in it.</summary>
    public static IEnumerable<string> Durations(string expression) => Duration().Matches(expression).Select(m => m.Groups["range"].Success ? m.Groups["range"].Value : m.Groups["offset"].Value);

    [GeneratedRegex(@"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex LabelList();

    // Strings are taken first, so that nothing in them is seen; durations and numbers begin with a digit; a function has a parenthesis.
    [GeneratedRegex("""
        "(\\.|[^"\\])*"|\[[^\]]*\]|(?<![\w:$.])(?<name>[a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()(\{(?<labels>([^"}]|"(\\.|[^"\\])*")*)\})?
        """)]
    private static partial Regex Selector();

    [GeneratedRegex("""([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:\\.|[^"\\])*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\[(?<range>[^\]]*)\]|\boffset\s+(?<offset>\S+?)(?=[\s)]|$)")]
    private static partial Regex Duration();
}
