using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>
/// Whether an object can be read as its built-in type at all. The real server refuses one that can't with 400 BadRequest:
/// <c>Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field
/// DeploymentSpec.spec.replicas of type int32</c>.
/// </summary>
internal static class BuiltInDecoding
{
    /// <returns>The message, null when the object can be read.</returns>
    public static string? Check(JsonObject document, string version, string kind, Schema schema) =>
        Walk(document, schema, schema.TypeName ?? kind, "") is { } reason
            ? $"{kind} in version {GoText.Quote(version)} cannot be handled as a {kind}: {reason}"
            : null;

    private static string? Walk(JsonNode? node, Schema schema, string owner, string path)
    {
        if (node is null || schema.PreserveUnknownFields)
        {
            return null;
        }

        if (!Fits(node, schema))
        {
            return schema.Format is "quantity"
                ? "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                : $"json: cannot unmarshal {Kind(node)} into Go struct field {owner}{(path is "" ? "" : ".")}{path} of type {GoType(schema)}";
        }

        return node switch
        {
            JsonObject fields => fields
                .Select(field => schema.Field(field.Key) is { } child
                    ? Walk(field.Value, child, schema.TypeName ?? owner, schema.TypeName is null ? path : path is "" ? field.Key : $"{path}.{field.Key}")
                    : null)
                .FirstOrDefault(reason => reason is not null),
            JsonArray entries when schema.Items is { } items => entries
                .Select(entry => Walk(entry, items, owner, path))
                .FirstOrDefault(reason => reason is not null),
            _ => null,
        };
    }

    private static bool Fits(JsonNode node, Schema schema) => schema switch
    {
        { IntOrString: true } => node.AsText() is not null || node.AsInteger() is >= int.MinValue and <= int.MaxValue,
        { Format: "quantity" } => Quantity.TryParse(node.AsText() ?? (JsonNumber.Read(node) is null ? null : node.ToJsonString()), out _),
        { Type: SchemaType.Object } => node is JsonObject,
        { Type: SchemaType.Array } => node is JsonArray,
        { Type: SchemaType.String } => node.AsText() is not null,
        { Type: SchemaType.Boolean } => node.AsFlag() is not null,
        { Format: "int32" } => node.AsInteger() is >= int.MinValue and <= int.MaxValue,
        { Type: SchemaType.Integer } => node.AsInteger() is not null,
        { Type: SchemaType.Number } => JsonNumber.Read(node) is not null,
        _ => true,
    };

    private static string Kind(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => $"number{(JsonNumber.Read(node) is { Exact: null } or { Exact: > int.MaxValue or < int.MinValue } ? $" {node.ToJsonString()}" : "")}",
    };

    private static string GoType(Schema schema) => schema switch
    {
        { IntOrString: true } => "intstr.IntOrString",
        { TypeName: { } name } => $"v1.{name}",
        { Type: SchemaType.Array, Items: { } items } => $"[]{GoType(items)}",
        { Type: SchemaType.Object, AdditionalProperties: { } values } => $"map[string]{GoType(values)}",
        { Format: "int32" or "int64" } => schema.Format,
        { Type: SchemaType.Boolean } => "bool",
        { Type: SchemaType.Number } => "float64",
        _ => "string",
    };
}
