using System.Diagnostics.CodeAnalysis;
using k8s.Models;

namespace LlmKube.Operator.Engine.Selecting;

/// <summary>A field selector: comparisons that must all hold. Only those of name and namespace can be tried here.</summary>
internal sealed class FieldExpression
{
    private readonly HashSet<(string Field, bool Negated, string Value)> _terms = [];

    /// <summary>Whether every term can be tried without the API server.</summary>
    public bool IsLocal => _terms.All(IsLocalTerm);

    /// <summary>Reads an expression.</summary>
    /// <returns>False for a notation that is not known here.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FieldExpression? expression)
    {
        expression = new();
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            var negated = equals > 0 && term[equals - 1] == '!';
            var value = term[(equals + 1)..];
            if (!negated && value.StartsWith('=')) value = value[1..];
            // An escaped character, or one that should be: the API server knows, or refuses.
            if (equals <= 0 || value.AsSpan().ContainsAny('\\', '='))
            {
                expression = null;
                return false;
            }

            expression._terms.Add((term[..(negated ? equals - 1 : equals)], negated, value));
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

    /// <summary>Whether an object meets every term; only if <see cref="IsLocal"/>.</summary>
    public bool Matches(V1ObjectMeta metadata)
    {
        foreach (var (field, negated, value) in _terms)
        {
            var actual = field == "metadata.name" ? metadata.Name : metadata.NamespaceProperty ?? "";
            if ((actual == value) == negated) return false;
        }

        return true;
    }

    private static bool IsLocalTerm((string Field, bool Negated, string Value) term) => term.Field is "metadata.name" or "metadata.namespace";
}
