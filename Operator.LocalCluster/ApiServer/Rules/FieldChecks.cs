using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Checks that several kinds share, in Kubernetes' own words.</summary>
internal static partial class FieldChecks
{
    public static IEnumerable<FieldError> OneOf(JsonObject json, string field, string path, params string[] allowed)
    {
        if (json.Text(field) is { } value && !allowed.Contains(value)) yield return FieldError.NotSupported($"{path}.{field}", value, allowed.Order(StringComparer.Ordinal));
    }

    public static IEnumerable<FieldError> Port(long number, string path)
    {
        if (number is < 1 or > 65535) yield return FieldError.Invalid(path, number, "must be between 1 and 65535, inclusive");
    }

    public static IEnumerable<FieldError> PortName(string name, string path)
    {
        if (name.Length > 15) yield return FieldError.Invalid(path, name, "must be no more than 15 characters");
        if (!PortNameForm().IsMatch(name)) yield return FieldError.Invalid(path, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        if (!name.Any(char.IsAsciiLetterLower)) yield return FieldError.Invalid(path, name, "must contain at least one letter (a-z)");
        if (name.Contains("--", StringComparison.Ordinal)) yield return FieldError.Invalid(path, name, "must not contain consecutive hyphens");
        if (name.StartsWith('-') || name.EndsWith('-')) yield return FieldError.Invalid(path, name, "must not begin or end with a hyphen");
    }

    public static IEnumerable<FieldError> NonNegative(JsonObject json, string field, string path)
    {
        if (json.Number(field) is < 0 and var value) yield return FieldError.Invalid($"{path}.{field}", value, "must be greater than or equal to 0");
    }

    public static IEnumerable<FieldError> Immutable(JsonNode? now, JsonNode? before, string path)
    {
        if (!JsonNode.DeepEquals(now, before)) yield return FieldError.Invalid(path, now, "field is immutable");
    }

    public static bool TryQuantity(JsonNode? node, out Quantity quantity) => Quantity.TryParse(node?.ToString() ?? "", out quantity);

    [GeneratedRegex(@"^[-a-z0-9]+\z")]
    private static partial Regex PortNameForm();
}
