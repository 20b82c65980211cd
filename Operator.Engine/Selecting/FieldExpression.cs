using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LlmKube.Operator.Engine.Selecting;

/// <summary>A field selector: comparisons that must all hold.</summary>
internal sealed class FieldExpression
{
    private readonly HashSet<(string Field, bool Negated, string Value)> _terms = [];

    /// <summary>Selects everything.</summary>
    public static FieldExpression Everything { get; } = new();

    /// <summary>Whether it has no term.</summary>
    public bool IsEverything => _terms.Count == 0;

    /// <summary>The fields that it asks for.</summary>
    public IEnumerable<string> Fields => _terms.Select(term => term.Field);

    /// <summary>What an object must have, field by field, to meet the expression.</summary>
    public IEnumerable<(string Field, string Value)> OnlyValues => _terms.Where(term => !term.Negated).Select(term => (term.Field, term.Value));

    /// <summary>Reads an expression, as the API server does.</summary>
    /// <returns>False for what the API server would refuse, and for a term without a field.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FieldExpression? expression)
    {
        expression = new();
        foreach (var term in Terms(text ?? ""))
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            var negated = equals > 0 && term[equals - 1] == '!';
            var begin = equals + (!negated && term.AsSpan(equals + 1).StartsWith('=') ? 2 : 1);
            var field = term[..Math.Max(0, negated ? equals - 1 : equals)];
            if (field.Length == 0 || !TryUnescape(term.AsSpan(begin), out var value))
            {
                expression = null;
                return false;
            }

            expression._terms.Add((field, negated, value));
        }

        return true;
    }

    /// <summary>Whether this one demands all that another does.</summary>
    public bool Contains(FieldExpression other) => _terms.IsSupersetOf(other._terms);

    /// <summary>What is left to try on objects that meet another expression already.</summary>
    public FieldExpression Beyond(FieldExpression other)
    {
        var rest = new FieldExpression();
        rest._terms.UnionWith(_terms);
        rest._terms.ExceptWith(other._terms);
        return rest;
    }

    /// <summary>Whether an object meets every term.</summary>
    /// <param name="valueOf">The object's value of one of <see cref="Fields"/>; empty if it has none.</param>
    public bool Matches(Func<string, string> valueOf)
    {
        foreach (var (field, negated, value) in _terms)
        {
            if ((valueOf(field) == value) == negated) return false;
        }

        return true;
    }

    private static IEnumerable<string> Terms(string text)
    {
        var (begin, isEscaped) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && !isEscaped))
            {
                if (i > begin) yield return text[begin..i];
                begin = i + 1;
            }
            else
            {
                isEscaped = text[i] == '\\' && !isEscaped;
            }
        }
    }

    private static bool TryUnescape(ReadOnlySpan<char> text, out string value)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isEscaped = text[i] == '\\';
            if (isEscaped) i++;
            if (i == text.Length || isEscaped != text[i] is '\\' or ',' or '=')
            {
                value = "";
                return false;
            }

            plain.Append(text[i]);
        }

        value = plain.ToString();
        return true;
    }
}
