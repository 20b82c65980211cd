using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// One step of a field path: a field (<c>f:name</c>), a list map's entry (<c>k:{"name":"a"}</c>), a set's value (<c>v:"a"</c>) or
/// an index (<c>i:0</c>). Two steps are the same when their canonical texts are.
/// </summary>
internal sealed class PathElement : IEquatable<PathElement>, IComparable<PathElement>
{
    private readonly JsonNode? _value;

    private PathElement(char kind, string text, JsonNode? value)
    {
        Kind = kind;
        Text = text;
        _value = value;
    }

    /// <summary>f, k, v or i.</summary>
    public char Kind { get; }

    /// <summary>The text behind the colon, canonical.</summary>
    public string Text { get; }

    public static PathElement Field(string name) => new('f', name, null);

    public static PathElement Key(JsonObject keys) => new('k', JsonNodes.Canonical(keys), keys);

    public static PathElement Value(JsonNode value) => new('v', JsonNodes.Canonical(value), value);

    /// <exception cref="FormatException">The text is no path element.</exception>
    public static PathElement Parse(string text)
    {
        if (text is not [var kind, ':', ..])
        {
            throw new FormatException($"missing colon: {text}");
        }

        var rest = text[2..];
        return kind switch
        {
            'f' => Field(rest),
            'k' when Json(rest) is JsonObject keys => Key(keys),
            'v' when Json(rest) is { } value => Value(value),
            'i' when int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => new('i', $"{index}", index),
            _ => throw new FormatException($"unknown path element: {text}"),
        };
    }

    /// <summary>As fieldsV1 holds it.</summary>
    public string Serialize() => $"{Kind}:{Text}";

    /// <summary>As messages show it: <c>.spec</c>, <c>[name="a"]</c>.</summary>
    public override string ToString() => Kind switch
    {
        'f' => $".{Text}",
        'k' => $"[{string.Join(",", ((JsonObject)_value!).OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => $"{key.Key}={Show(key.Value)}"))}]",
        'v' => $"[={Show(_value)}]",
        _ => $"[{Text}]",
    };

    public bool Equals(PathElement? other) => other is not null && Kind == other.Kind && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as PathElement);

    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <summary>Fields, then keys, then values, then indexes; numbers by size.</summary>
    public int CompareTo(PathElement? other)
    {
        if (other is null)
        {
            return 1;
        }

        var kinds = "fkvi".IndexOf(Kind, StringComparison.Ordinal).CompareTo("fkvi".IndexOf(other.Kind, StringComparison.Ordinal));
        if (kinds != 0)
        {
            return kinds;
        }

        var values = Kind switch
        {
            'k' => CompareKeys((JsonObject)_value!, (JsonObject)other._value!),
            'v' or 'i' => CompareValues(_value, other._value),
            _ => 0,
        };
        return values != 0 ? values : string.CompareOrdinal(Text, other.Text);
    }

    private static int CompareKeys(JsonObject left, JsonObject right)
    {
        var pairs = left.OrderBy(key => key.Key, StringComparer.Ordinal).Zip(right.OrderBy(key => key.Key, StringComparer.Ordinal));
        foreach (var (mine, theirs) in pairs)
        {
            var names = string.CompareOrdinal(mine.Key, theirs.Key);
            var order = names != 0 ? names : CompareValues(mine.Value, theirs.Value);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static int CompareValues(JsonNode? left, JsonNode? right)
    {
        if (JsonNumber.Read(left) is { } one && JsonNumber.Read(right) is { } other)
        {
            return one.Approximate.CompareTo(other.Approximate);
        }

        var kinds = Rank(left).CompareTo(Rank(right));
        return kinds != 0 ? kinds : string.CompareOrdinal(left.AsText(), right.AsText());
    }

    private static int Rank(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Number => 0,
        JsonValueKind.String => 1,
        JsonValueKind.True or JsonValueKind.False => 2,
        _ => 3,
    };

    private static string Show(JsonNode? value) => value.AsText() is { } text ? GoText.Quote(text) : JsonNodes.Canonical(value);

    private static JsonNode? Json(string text)
    {
        try
        {
            var node = JsonNode.Parse(text);

            // Asking for a field reads the object whole, which is when a key given twice shows.
            _ = (node as JsonObject)?.Count;
            return node;
        }
        catch (Exception notJson) when (notJson is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
