using System.Buffers;

namespace LlmKube.Operator.Engine.Selecting;

/// <summary>One requirement on one label: that it has one of some values, or that it exists; or the opposite.</summary>
internal sealed class LabelRequirement : IEquatable<LabelRequirement>
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" (),!<>=");

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
            var values = text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries).Distinct().Order(StringComparer.Ordinal).ToArray();
            return text[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
            {
                [var key, "in"] => new(key, false, values),
                [var key, "notin"] => new(key, true, values),
                _ => null,
            };
        }

        if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            var negated = text[equals - 1] == '!';
            var key = text[..(negated ? equals - 1 : equals)].Trim();
            var value = text[(equals + 1)..].TrimStart('=').Trim();
            return IsName(key) ? new(key, negated, [value]) : null;
        }

        if (text.StartsWith('!')) return IsName(text[1..].Trim()) ? new(text[1..].Trim(), true, null) : null;
        return IsName(text) ? new(text, false, null) : null;
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

    private static bool IsName(string key) => key.Length > 0 && !key.AsSpan().ContainsAny(NotInNames);
}
