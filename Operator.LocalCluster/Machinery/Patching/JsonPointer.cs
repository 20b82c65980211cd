using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>A JSON Pointer (RFC 6901) of a JSON patch.</summary>
internal sealed class JsonPointer
{
    private readonly string _text;
    private readonly string[] _steps;

    private JsonPointer(string text, string[] steps)
    {
        _text = text;
        _steps = steps;
    }

    public bool IsRoot => _steps.Length is 0;

    public string Last => _steps[^1];

    /// <exception cref="PatchException">The text is no pointer.</exception>
    public static JsonPointer Parse(string text) => text switch
    {
        "" => new(text, []),
        ['/', .. var rest] => new(text, [.. rest.Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]),
        _ => throw new PatchException(PatchFailure.Inapplicable, $"path {GoText.Quote(text)} must begin with a slash"),
    };

    /// <summary>The container that holds the last step, null where there is none.</summary>
    public JsonNode? Parent(JsonNode? root)
    {
        var node = root;
        foreach (var step in _steps.AsSpan(0, _steps.Length - 1))
        {
            node = Child(node, step, out _);
        }

        return node;
    }

    public JsonNode? Find(JsonNode? root, out bool found)
    {
        found = true;
        return IsRoot ? root : Child(Parent(root), Last, out found);
    }

    /// <summary>The last step as an index of a list: from the end where negative, null where it is no index.</summary>
    public static int? Index(string step, int count)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            return null;
        }

        return index < 0 ? index + count : index;
    }

    public bool IsProperPrefixOf(JsonPointer other) =>
        other._steps.Length > _steps.Length && other._steps.AsSpan(0, _steps.Length).SequenceEqual(_steps);

    public override string ToString() => _text;

    private static JsonNode? Child(JsonNode? node, string step, out bool found)
    {
        switch (node)
        {
            case JsonObject fields:
                found = fields.TryGetPropertyValue(step, out var value);
                return value;
            case JsonArray elements when Index(step, elements.Count) is { } index && index >= 0 && index < elements.Count:
                found = true;
                return elements[index];
            default:
                found = false;
                return null;
        }
    }
}
