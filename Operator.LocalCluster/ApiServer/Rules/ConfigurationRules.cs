using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Keys that can be file names, and data that can be declared immutable.</summary>
internal sealed partial class ConfigMapRules : ObjectRules
{
    private const int LongestKey = 253;
    private const string Immutable = "field is immutable when `immutable` is set";

    public override IEnumerable<FieldError> Validate(JsonObject json) => KeyErrors(json["data"], "data").Concat(KeyErrors(json["binaryData"], "binaryData"));

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old) => ImmutableErrors(json, old, "data", "binaryData");

    internal static IEnumerable<FieldError> KeyErrors(JsonNode? data, string path)
    {
        foreach (var (key, _) in data as JsonObject ?? [])
        {
            if (key.Length > LongestKey || !KeyForm().IsMatch(key))
            {
                yield return FieldError.Invalid($"{path}[{key}]", key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
            }
        }
    }

    internal static IEnumerable<FieldError> ImmutableErrors(JsonObject json, JsonObject old, params string[] fields)
    {
        if (!old.Flag("immutable")) yield break;
        if (!json.Flag("immutable")) yield return FieldError.Forbidden("immutable", Immutable);
        foreach (var field in fields.Where(f => !JsonNode.DeepEquals(json[f], old[f]))) yield return FieldError.Forbidden(field, Immutable);
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex KeyForm();
}

/// <summary>As for config maps, and the type never changes.</summary>
internal sealed class SecretRules : ObjectRules
{
    public override IEnumerable<FieldError> Validate(JsonObject json) => ConfigMapRules.KeyErrors(json["data"], "data");

    public override IEnumerable<FieldError> ValidateUpdate(JsonObject json, JsonObject old) =>
        FieldChecks.Immutable(json["type"], old["type"], "type").Concat(ConfigMapRules.ImmutableErrors(json, old, "data"));
}
