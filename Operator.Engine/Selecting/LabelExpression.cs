using System.Diagnostics.CodeAnalysis;

namespace LlmKube.Operator.Engine.Selecting;

/// <summary>A label selector in the notation of <c>kubectl -l</c>: requirements that must all be met.</summary>
internal sealed class LabelExpression
{
    /// <summary>Selects everything.</summary>
    public static readonly LabelExpression Everything = new([]);

    private LabelExpression(IReadOnlyList<LabelRequirement> requirements) => Requirements = requirements;

    /// <summary>What must be met.</summary>
    public IReadOnlyList<LabelRequirement> Requirements { get; }

    /// <summary>Reads an expression.</summary>
    /// <returns>False for a notation that is not known here; the API server may know it.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LabelExpression? expression)
    {
        expression = Everything;
        text = text?.Trim(LabelRequirement.Blanks);
        if (string.IsNullOrEmpty(text)) return true;
        var requirements = new List<LabelRequirement>();
        foreach (var part in Split(text))
        {
            if (LabelRequirement.Parse(part.Trim(LabelRequirement.Blanks)) is not { } requirement)
            {
                expression = null;
                return false;
            }

            requirements.Add(requirement);
        }

        expression = new(requirements);
        return true;
    }

    /// <summary>Whether labels meet every requirement.</summary>
    public bool Matches(IDictionary<string, string>? labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }

        return true;
    }

    /// <summary>Whether this one demands all that another does, so that what it selects is among what the other selects.</summary>
    public bool Contains(LabelExpression other) => other.Requirements.All(wanted => Requirements.Contains(wanted));

    // At commas, except within parentheses.
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] != ',' || depth != 0) continue;
            yield return text[start..i];
            start = i + 1;
        }

        yield return text[start..];
    }
}
