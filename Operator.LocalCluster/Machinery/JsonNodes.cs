using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Reading of nodes that may be anything, without exceptions.</summary>
internal static class JsonNodes
{
    /// <summary>The string that the node holds; null when it holds something else.</summary>
    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool? AsFlag(this JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static long? AsInteger(this JsonNode? node) => JsonNumber.Read(node)?.Exact;

    /// <summary>The node at a path of field names, null where the path leaves the object.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is JsonObject parent && parent.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return node;
    }

    public static JsonObject Clone(this JsonObject node) => (JsonObject)node.DeepClone();

    /// <summary>Detached, so that it may be put into another document.</summary>
    public static JsonNode? Copy(this JsonNode? node) => node?.DeepClone();

    public static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    /// <summary>JSON as Go writes it: no blanks, the characters &lt;, &gt; and &amp; escaped, fields in ordinal order.</summary>
    public static string Canonical(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject fields => "{" + string.Join(",", fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => GoText.Json(field.Key) + ":" + Canonical(field.Value))) + "}",
        JsonArray elements => "[" + string.Join(",", elements.Select(Canonical)) + "]",
        _ when node.AsText() is { } text => GoText.Json(text),
        _ when JsonNumber.Read(node) is { } number => number.ToString(),
        _ => node.ToJsonString(),
    };
}

/// <summary>A JSON number as Kubernetes decodes it: a 64-bit integer when it is written as one, else a double.</summary>
internal readonly record struct JsonNumber(long? Exact, double Approximate)
{
    // Beyond it a double no longer tells neighbouring integers apart.
    private const double LastSafeInteger = 9007199254740991;

    public bool IsIntegral => Exact is not null
        || (Math.Abs(Approximate) <= LastSafeInteger && Math.Floor(Approximate) == Approximate);

    public static JsonNumber? Read(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() is not JsonValueKind.Number)
        {
            return null;
        }

        var text = value.ToJsonString();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exact))
        {
            return new(exact, exact);
        }

        // Overflow gives infinity, as a document's number may be of any length.
        return new(null, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    /// <summary>As Go's %v prints it.</summary>
    public override string ToString() => Exact is { } whole
        ? whole.ToString(CultureInfo.InvariantCulture)
        : GoText.Float(Approximate);
}
