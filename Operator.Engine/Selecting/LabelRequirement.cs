using System.Text.RegularExpressions;

namespace LlmKube.Operator.Engine.Selecting;

/// <summary>One requirement on one label: that it has one of some values, or that it exists; or the opposite.</summary>
internal sealed partial class LabelRequirement : IEquatable<LabelRequirement>
{
    /// <summary>What the notation takes for white space, and nothing else.</summary>
    public static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    private readonly bool _negated;

    // Null: any value will do. Sorted, so that equal sets are equal.
    private readonly string[]? _values;

    private LabelRequirement(string key, bool negated, string[]? values)
    {
        Key = key;
        _negated = negated;
        _values = values;
    }

    /// <summary>The label's name.</summary>
    public string Key { get; }

    /// <summary>The one value that is demanded, if there is exactly one.</summary>
    public string? OnlyValue => !_negated && _values is [var value] ? value : null;

    /// <summary>Reads one requirement; null if the notation is not known.</summary>
    public static LabelRequirement? Parse(string text)
    {
        if (text.EndsWith(')') && text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
        {
            var values = text[(open + 1)..^1].Split(',').Select(v => v.Trim(Blanks)).Distinct().Order(StringComparer.Ordinal).ToArray();
            return text[..open].Split(Blanks, StringSplitOptions.RemoveEmptyEntries) switch
            {
                [var key, "in"] => Create(key, false, values),
                [var key, "notin"] => Create(key, true, values),
                _ => null,
            };
        }

        if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            var negated = text[equals - 1] == '!';
            var key = text[..(negated ? equals - 1 : equals)].Trim(Blanks);
            var value = text[(equals + 1)..];
            if (!negated && value.StartsWith('=')) value = value[1..];
            return Create(key, negated, [value.Trim(Blanks)]);
        }

        return text.StartsWith('!') ? Create(text[1..].Trim(Blanks), true, null) : Create(text, false, null);
    }

    /// <summary>Whether labels meet it.</summary>
    public bool Matches(IDictionary<string, string>? labels)
    {
        string? value = null;
        var exists = labels?.TryGetValue(Key, out value) is true;
        return (exists && (_values is null || Array.IndexOf(_values, value) >= 0)) != _negated;
    }

    /// <inheritdoc/>
    public bool Equals(LabelRequirement? other) =>
        other is not null && Key == other.Key && _negated == other._negated
        && (_values is null ? other._values is null : other._values is not null && _values.AsSpan().SequenceEqual(other._values));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelRequirement);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, _negated, _values?.Length);

    // What the API server would refuse is not ours to answer: from the store, a mistake would look like an empty list.
    private static LabelRequirement? Create(string key, bool negated, string[]? values) =>
        KeyForm().IsMatch(key) && values?.All(v => v.Length == 0 || ValueForm().IsMatch(v)) is not false ? new(key, negated, values) : null;

    [GeneratedRegex(@"^(?:(?=[^/]{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValueForm();
}
