using System.Text;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>One condition on one field.</summary>
internal sealed record FieldRequirement(string Path, string Value, bool Negated);

/// <summary>Requirements on fields (<c>metadata.name=a,status.phase!=Running</c>) that must all hold. Which fields a kind allows is the caller's to check.</summary>
internal sealed class FieldSelector
{
    private FieldSelector(IReadOnlyList<FieldRequirement> requirements) => Requirements = requirements;

    public static FieldSelector Everything { get; } = new([]);

    public IReadOnlyList<FieldRequirement> Requirements { get; }

    public bool IsEverything => Requirements.Count is 0;

    /// <exception cref="SelectorException">The text is no selector.</exception>
    public static FieldSelector Parse(string? text) => string.IsNullOrEmpty(text)
        ? Everything
        : new([.. Split(text).Where(term => term is not "").Select(ParseTerm).Where(requirement => requirement is not { Path: "", Value: "" })]);

    /// <param name="value">An object's field by its path; the empty string for one that it lacks.</param>
    public bool Matches(Func<string, string> value) => Requirements.All(requirement => (value(requirement.Path) == requirement.Value) != requirement.Negated);

    private static FieldRequirement ParseTerm(string term)
    {
        for (var at = 0; at < term.Length; at++)
        {
            var rest = term.AsSpan(at);
            if (rest.StartsWith("!=", StringComparison.Ordinal))
            {
                return new(term[..at], Unescape(term[(at + 2)..]), true);
            }

            if (rest[0] is '=')
            {
                return new(term[..at], Unescape(term[(at + (rest.StartsWith("==", StringComparison.Ordinal) ? 2 : 1))..]), false);
            }
        }

        throw new SelectorException($"invalid selector: '{term}'; can't understand '{term}'");
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '\\')
            {
                at++;
            }
            else if (text[at] is ',')
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        var result = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length; at++)
        {
            switch (value[at])
            {
                case '\\' when at + 1 < value.Length && value[at + 1] is '\\' or ',' or '=':
                    result.Append(value[++at]);
                    break;
                case '\\':
                    throw new SelectorException($"invalid field selector: invalid escape sequence: {GoText.Quote(value[at..Math.Min(at + 2, value.Length)])}");
                case '=':
                    throw new SelectorException($"invalid field selector: unescaped character in value: {(int)'='}");
                case var plain:
                    result.Append(plain);
                    break;
            }
        }

        return result.ToString();
    }
}
