using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Writing;

/// <summary>All that can be wrong with an object that is about to be stored, told at once.</summary>
internal static class ObjectValidation
{
    /// <exception cref="ApiException">422 with a cause per error.</exception>
    public static void Check(ResourceDefinition resource, JsonObject json, JsonObject? old, WriteScope scope = WriteScope.Main)
    {
        var errors = Errors(resource, json, old, scope).ToList();
        if (errors.Count > 0) Throw(resource, json.Name, errors);
    }

    public static void Throw(ResourceDefinition resource, string name, IEnumerable<FieldError> errors) =>
        throw ApiException.Invalid(resource.Kind, resource.Group, name, [.. errors.Select(e => new Cause(e.Type, e.Path, e.Message))]);

    // The real server checks a status by itself, and its messages name fields from there.
    private static FieldError WithinStatus(FieldError error) => error.Path.StartsWith("status.", StringComparison.Ordinal)
        ? error with { Message = error.Message.Replace($"{error.Path} in body", $"{error.Path["status.".Length..]} in body", StringComparison.Ordinal) }
        : error;

    private static IEnumerable<FieldError> Errors(ResourceDefinition resource, JsonObject json, JsonObject? old, WriteScope scope)
    {
        foreach (var error in MetadataValidation.Errors(resource, json, old)) yield return error;
        if (resource is { IsCustom: true, Schema: { } schema })
        {
            foreach (var error in SchemaValidator.Validate(json, schema)) yield return scope is WriteScope.Status ? WithinStatus(error) : error;
        }

        if (scope is not (WriteScope.Main or WriteScope.Scale)) yield break;
        foreach (var error in resource.Rules.Validate(json)) yield return error;
        if (old is null) yield break;
        foreach (var error in resource.Rules.ValidateUpdate(json, old)) yield return error;
    }
}
