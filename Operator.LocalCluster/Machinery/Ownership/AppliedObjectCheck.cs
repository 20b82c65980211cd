using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Whether an applied object can be read as its kind: known fields, right types, no entry twice.</summary>
internal static class AppliedObjectCheck
{
    /// <exception cref="InvalidApplyException">It can't; the message lists every reason.</exception>
    public static void Check(JsonObject applied, ApplyOptions options, Schema shape)
    {
        var version = applied["apiVersion"].AsText() ?? "";
        if (version != options.ApiVersion)
        {
            throw new InvalidApplyException($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {options.ApiVersion}", isBadRequest: true);
        }

        if (applied.At("metadata", "managedFields") is not null)
        {
            throw new InvalidApplyException("metadata.managedFields must be nil", isBadRequest: true);
        }

        var errors = new List<string>();
        Walk(applied, shape, "", errors);
        if (errors.Count > 0)
        {
            var subject = $"{applied.At("metadata", "namespace").AsText()}/{applied.At("metadata", "name").AsText()}; {Describe(version)}, Kind={applied["kind"].AsText()}";
            var reasons = errors is [var only] ? only : $"errors:\n  {string.Join("\n  ", errors)}";
            throw new InvalidApplyException($"failed to create typed patch object ({subject}): {reasons}");
        }
    }

    // A group version as messages show it: "/v1" for the core group.
    private static string Describe(string version) => version.Contains('/', StringComparison.Ordinal) ? version : $"/{version}";

    private static void Walk(JsonNode? node, Schema schema, string path, List<string> errors)
    {
        if (node is null)
        {
            return;
        }

        switch (MergeShape.KindOf(schema, node), node)
        {
            case (MergeKind.Map, JsonObject fields):
                WalkMap(fields, schema, path, errors);
                break;
            case (MergeKind.List, JsonArray entries):
                WalkList(entries, schema, path, errors);
                break;
            case (MergeKind.Map, _):
                errors.Add($"{path}: expected map, got {Shown(node)}");
                break;
            case (MergeKind.List, _):
                errors.Add($"{path}: expected list, got {Shown(node)}");
                break;
            default:
                CheckScalar(node, schema, path, errors);
                break;
        }
    }

    private static void WalkMap(JsonObject fields, Schema schema, string path, List<string> errors)
    {
        foreach (var (name, value) in fields)
        {
            if (MergeShape.Field(schema, name) is { } field)
            {
                Walk(value, field, $"{path}.{name}", errors);
            }
            else
            {
                // Like the real server, which looks no further in this object.
                errors.Add($"{path}.{name}: field not declared in schema");
                return;
            }
        }
    }

    private static void WalkList(JsonArray entries, Schema schema, string path, List<string> errors)
    {
        var seen = new HashSet<PathElement>();
        for (var index = 0; index < entries.Count; index++)
        {
            var at = $"{path}[{index}]";
            if (schema.ListKind is not ListKind.Atomic)
            {
                if (MergeShape.Identify(schema, entries[index]) is not { } step)
                {
                    errors.Add($"{path}: element {index}: {Unidentified(schema, entries[index])}");
                    return;
                }

                at = $"{path}{step}";
                if (!seen.Add(step))
                {
                    errors.Add($"{path}: duplicate entries for key {step}");
                }
            }

            Walk(entries[index], MergeShape.Element(schema), at, errors);
        }
    }

    private static string Unidentified(Schema schema, JsonNode? entry) => (schema.ListKind, entry) switch
    {
        (ListKind.Map, null) => "associative list with keys may not have a null element",
        (ListKind.Map, not JsonObject) => "associative list with keys may not have non-map elements",
        (ListKind.Map, _) => $"associative list with keys has an element that omits all key fields [{string.Join(" ", schema.ListMapKeys.Select(GoText.Quote))}] (and doesn't have default values for any key fields)",
        (_, null) => "associative list without keys has an element that's an explicit null",
        (_, JsonObject) => "associative list without keys has an element that's a map type",
        _ => "not supported: associative list with lists as elements",
    };

    private static void CheckScalar(JsonNode node, Schema schema, string path, List<string> errors)
    {
        var problem = schema switch
        {
            { Format: "quantity" } or { Type: SchemaType.Any } => node is JsonObject or JsonArray ? $"any scalar, got {Shown(node)}" : null,
            { Type: SchemaType.String } when node.AsText() is null => $"string, got &value.valueUnstructured{{Value:{Literal(node)}}}",
            { Type: SchemaType.Boolean } when node.AsFlag() is null => $"boolean, got {Shown(node)}",
            { Type: SchemaType.Integer or SchemaType.Number } when JsonNumber.Read(node) is null => $"numeric (int or float), got {GoType(node)}",
            _ => null,
        };
        if (problem is not null)
        {
            errors.Add($"{path}: expected {problem}");
        }
    }

    private static string Shown(JsonNode node) => $"&{{{node.AsText() ?? JsonNodes.Canonical(node)}}}";

    private static string Literal(JsonNode node) => node switch
    {
        JsonObject => $"{GoType(node)}{JsonNodes.Canonical(node)}",
        JsonArray => $"{GoType(node)}{{...}}",
        _ => JsonNodes.Canonical(node),
    };

    private static string GoType(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => JsonNumber.Read(node) is { Exact: not null } ? "int64" : "float64",
    };
}
