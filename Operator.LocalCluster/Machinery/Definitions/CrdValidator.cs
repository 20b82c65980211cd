using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The rules of a CustomResourceDefinition beyond its shape. CEL rules are not compiled.</summary>
internal static class CrdValidator
{
    private const string Dns1035Label =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string DnsSubdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];

    /// <param name="crd">A defaulted definition (apiextensions.k8s.io/v1).</param>
    public static IReadOnlyList<FieldError> Validate(JsonObject crd)
    {
        var errors = new List<FieldError>();
        var spec = crd["spec"] as JsonObject ?? [];
        var names = spec["names"] as JsonObject ?? [];
        var (group, plural) = (spec["group"].AsText() ?? "", names["plural"].AsText() ?? "");
        var wanted = $"{plural}.{group}";
        if (crd.At("metadata", "name").AsText() is { } name && name != wanted)
        {
            errors.Add(FieldError.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
        }

        CheckGroup(group, errors);
        CheckScope(spec["scope"], errors);
        CheckVersions(spec, errors);
        CheckNames(names, errors);
        if (spec["preserveUnknownFields"].AsFlag() is true)
        {
            errors.Add(FieldError.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
        }

        return errors;
    }

    private static void CheckGroup(string group, List<FieldError> errors)
    {
        if (group is "")
        {
            errors.Add(FieldError.Required("spec.group"));
        }
        else if (!StringFormats.Accepts("k8s-long-name", group))
        {
            errors.Add(FieldError.Invalid("spec.group", group, DnsSubdomain));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Add(FieldError.Invalid("spec.group", group, "should be a domain with at least one dot"));
        }
    }

    private static void CheckScope(JsonNode? scope, List<FieldError> errors)
    {
        switch (scope.AsText())
        {
            case null or "":
                errors.Add(FieldError.Required("spec.scope"));
                break;
            case not ("Cluster" or "Namespaced"):
                errors.Add(FieldError.NotSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
                break;
        }
    }

    private static void CheckVersions(JsonObject spec, List<FieldError> errors)
    {
        var versions = spec.Each("versions").ToList();
        var schemas = versions.ConvertAll(version => version.At("schema", "openAPIV3Schema") as JsonObject);

        // The real server lifts what all versions share to the top, and names it there.
        var shared = schemas.Count > 0 && schemas.TrueForAll(schema => JsonNodes.Same(schema, schemas[0]));
        for (var index = 0; index < versions.Count; index++)
        {
            var path = $"spec.versions[{index}]";
            if (versions[index]["name"].AsText() is var name && !GoPattern.IsMatch("^[a-z]([-a-z0-9]*[a-z0-9])?$", name ?? ""))
            {
                errors.Add(FieldError.Invalid($"{path}.name", name ?? "", Dns1035Label));
            }

            if (schemas[index] is not { } schema)
            {
                errors.Add(FieldError.Required($"{path}.schema.openAPIV3Schema", "schemas are required"));
            }
            else if (!shared || index is 0)
            {
                StructuralRules.Check(schema, shared ? "spec.validation.openAPIV3Schema" : $"{path}.schema.openAPIV3Schema", errors);
            }

            CheckColumns(versions[index], path, errors);
            CheckScale(versions[index].At("subresources", "scale") as JsonObject, $"{(shared && versions.Count is 1 ? "spec" : path)}.subresources.scale", errors);
        }

        var shown = spec["versions"];
        if (versions.Select(version => version["name"].AsText()).Distinct().Count() < versions.Count)
        {
            errors.Add(FieldError.Invalid("spec.versions", shown, "must contain unique version names"));
        }

        if (versions.Count(version => version["storage"].AsFlag() is true) is not 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", shown, "must have exactly one version marked as storage version"));
        }
    }

    private static void CheckColumns(JsonObject version, string path, List<FieldError> errors)
    {
        foreach (var (index, column) in version.Each("additionalPrinterColumns").Index())
        {
            var at = $"{path}.additionalPrinterColumns[{index}]";
            if (string.IsNullOrEmpty(column["name"].AsText()))
            {
                errors.Add(FieldError.Required($"{at}.name"));
            }

            if (column["type"].AsText() is not { Length: > 0 } type)
            {
                errors.Add(FieldError.Required($"{at}.type", $"must be one of {string.Join(",", ColumnTypes)}"));
            }
            else if (!ColumnTypes.Contains(type))
            {
                errors.Add(FieldError.Invalid($"{at}.type", type, $"must be one of {string.Join(",", ColumnTypes)}"));
            }

            if (string.IsNullOrEmpty(column["jsonPath"].AsText()))
            {
                errors.Add(FieldError.Required($"{at}.JSONPath"));
            }
            else if (!column["jsonPath"].AsText()!.StartsWith('.'))
            {
                errors.Add(FieldError.Invalid($"{at}.JSONPath", column["jsonPath"], "must be a simple json path starting with ."));
            }
        }
    }

    private static void CheckScale(JsonObject? scale, string path, List<FieldError> errors)
    {
        if (scale is null)
        {
            return;
        }

        foreach (var (field, part) in new[] { ("specReplicasPath", ".spec"), ("statusReplicasPath", ".status") })
        {
            var value = scale[field].AsText() ?? "";
            if (value is "")
            {
                errors.Add(FieldError.Required($"{path}.{field}"));
            }
            else if (!value.StartsWith($"{part}.", StringComparison.Ordinal))
            {
                errors.Add(FieldError.Invalid($"{path}.{field}", value, $"should be a json path under {part}"));
            }
        }

        if (scale["labelSelectorPath"].AsText() is { Length: > 0 } selector
            && !selector.StartsWith(".spec.", StringComparison.Ordinal) && !selector.StartsWith(".status.", StringComparison.Ordinal))
        {
            errors.Add(FieldError.Invalid($"{path}.labelSelectorPath", selector, "should be a json path under either .spec or .status"));
        }
    }

    private static void CheckNames(JsonObject names, List<FieldError> errors)
    {
        foreach (var field in new[] { "plural", "singular", "kind", "listKind" })
        {
            if (names[field].AsText() is not { Length: > 0 } name)
            {
                errors.Add(FieldError.Required($"spec.names.{field}"));
            }
            else if (field is "plural" or "singular" ? !IsDns1035(name) : !IsDns1035(name.ToLowerInvariant()))
            {
                errors.Add(FieldError.Invalid($"spec.names.{field}", name, $"{(field is "plural" or "singular" ? "" : "may have mixed case, but should otherwise match: ")}{Dns1035Label}"));
            }
        }

        foreach (var list in new[] { "shortNames", "categories" })
        {
            foreach (var (index, name) in (names[list] as JsonArray ?? []).Index())
            {
                if (!IsDns1035(name.AsText() ?? ""))
                {
                    errors.Add(FieldError.Invalid($"spec.names.{list}[{index}]", name, Dns1035Label));
                }
            }
        }

        if (names["kind"].AsText() is { Length: > 0 } kind && kind == names["listKind"].AsText())
        {
            errors.Add(FieldError.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same"));
        }
    }

    private static bool IsDns1035(string name) => name.Length <= 63 && GoPattern.IsMatch("^[a-z]([-a-z0-9]*[a-z0-9])?$", name);
}
