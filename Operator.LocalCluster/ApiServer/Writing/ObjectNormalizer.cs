using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>Brings an object from outside into the form that is stored: right kind, no unknown fields, defaults filled in.</summary>
internal static class ObjectNormalizer
{
    /// <param name="body">Becomes the normalizer's own.</param>
    /// <param name="duplicates">Fields that the body gave twice.</param>
    /// <param name="applied">The object comes out of a server-side apply: its nulls are somebody's wish.</param>
    public static JsonObject Normalize(ResourceDefinition resource, JsonNode? body, WriteOptions options, IReadOnlyCollection<string> duplicates, bool applied = false)
    {
        if (body is not JsonObject json) throw ApiException.BadRequest("the body must be a JSON object");
        CheckKind(resource, json);
        if (!resource.IsCustom && resource.Schema is { } schema && BuiltInDecoding.Check(json, resource.Version, resource.Kind, schema) is { } problem)
        {
            throw options.IsPatch
                ? ApiException.Invalid("", "", "", new Cause("FieldValueInvalid", "patch", $"Invalid value: {JsonSerializer.Serialize(json.ToJsonString(Wire.Options), Wire.Options)}: {problem}"))
                : ApiException.BadRequest(problem);
        }

        json = Pruned(resource, json, options, duplicates);
        if (!resource.IsCustom) DropNulls(json);
        else if (json["metadata"] is JsonObject metadata) DropNulls(metadata);
        return Defaulted(resource, json, applied);
    }

    private static void CheckKind(ResourceDefinition resource, JsonObject json)
    {
        if (json.Text("apiVersion") is { Length: > 0 } apiVersion && apiVersion != resource.ApiVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({resource.ApiVersion})");
        }

        if (json.Text("kind") is { Length: > 0 } kind && kind != resource.Kind)
        {
            throw resource.IsCustom
                ? ApiException.Invalid(kind, resource.Group, json.Name, new Cause("FieldValueInvalid", "kind", $"Invalid value: \"{kind}\": must be {resource.Kind}"))
                : ApiException.BadRequest($"{kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: converting ({resource.Version}.{kind}) to ({resource.Version}.{resource.Kind}): unknown conversion");
        }

        // The type comes first in what is stored, as everyone expects to read it.
        json.Remove("apiVersion");
        json.Remove("kind");
        json.Insert(0, "apiVersion", resource.ApiVersion);
        json.Insert(1, "kind", resource.Kind);
    }

    private static JsonObject Pruned(ResourceDefinition resource, JsonObject json, WriteOptions options, IReadOnlyCollection<string> duplicates)
    {
        if (resource.Schema is null) return json;
        var (pruned, unknown) = SchemaPruner.Prune(json, resource.Schema);
        List<string> problems = [.. duplicates.Select(d => $"duplicate field \"{d}\""), .. unknown.Select(u => $"unknown field \"{u}\"")];
        if (problems.Count == 0) return pruned;
        switch (options.FieldValidation)
        {
            case FieldValidation.Strict:
                var strict = $"strict decoding error: {string.Join(", ", problems)}";
                throw options.IsPatch
                    ? ApiException.Invalid("", "", "", new Cause("FieldValueInvalid", "patch", $"Invalid value: {JsonSerializer.Serialize(json.ToJsonString(Wire.Options), Wire.Options)}: {strict}"))
                    : ApiException.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {strict}");
            case FieldValidation.Warn:
                foreach (var problem in problems) options.Warnings.Add(problem);
                break;
            default:
                break;
        }

        return pruned;
    }

    private static JsonObject Defaulted(ResourceDefinition resource, JsonObject json, bool applied) => resource switch
    {
        { IsCustom: false } => BuiltInDefaults.Apply(resource.Group, resource.Kind, json),
        { Schema: null } => json,
        { Schema: var schema } => applied ? SchemaDefaulter.FillMerged(json, schema) : SchemaDefaulter.Apply(json, schema),
    };

    private static void DropNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var name in json.Where(f => f.Value is null).Select(f => f.Key).ToList()) json.Remove(name);
                foreach (var (_, value) in json) DropNulls(value);
                break;
            case JsonArray list:
                foreach (var item in list) DropNulls(item);
                break;
            default:
                break;
        }
    }
}
