using System.Reflection;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>Schemas of what KubernetesClient writes as one JSON value.</summary>
internal static class ScalarTypes
{
    // KubernetesClient writes a TimeSpan as xs:duration, which Kubernetes' format "duration" (Go's 1h30m) is not.
    private const string Duration = @"^-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$";

    public static Type WithoutNullable(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition().FullName == "System.Nullable`1" ? type.GetGenericArguments()[0] : type;

    /// <summary>The schema, or null if the type is not a scalar.</summary>
    public static JsonObject? SchemaOf(Type type)
    {
        type = WithoutNullable(type);
        if (type.IsEnum) return Enum(type);
        return type.FullName switch
        {
            "System.String" or "System.Version" => Text(),
            "System.Char" => new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 1 },
            "System.Boolean" => new JsonObject { ["type"] = "boolean" },
            "System.SByte" => Integer("int32", sbyte.MinValue, sbyte.MaxValue),
            "System.Byte" => Integer("int32", byte.MinValue, byte.MaxValue),
            "System.Int16" => Integer("int32", short.MinValue, short.MaxValue),
            "System.UInt16" => Integer("int32", ushort.MinValue, ushort.MaxValue),
            "System.Int32" => Integer("int32"),
            "System.UInt32" => Integer("int64", uint.MinValue, uint.MaxValue),
            "System.Int64" => Integer("int64"),
            // Numbers beyond int64 don't survive the API server.
            "System.UInt64" => Integer("int64", 0),
            "System.Single" => Number("float"),
            "System.Double" => Number("double"),
            "System.Decimal" => Number(null),
            "System.DateTime" or "System.DateTimeOffset" => Text("date-time"),
            "System.DateOnly" => Text("date"),
            "System.TimeOnly" => new JsonObject { ["type"] = "string", ["pattern"] = @"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$" },
            "System.TimeSpan" => new JsonObject { ["type"] = "string", ["pattern"] = Duration },
            "System.Guid" => Text("uuid"),
            "System.Uri" => Text("uri"),
            "System.Byte[]" => Text("byte"),
            "System.Object" or "System.Text.Json.JsonElement" or "System.Text.Json.Nodes.JsonNode" or "System.Text.Json.JsonDocument" =>
                new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true },
            "System.Text.Json.Nodes.JsonObject" =>
                new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            _ => null,
        };
    }

    private static JsonObject Text(string? format = null) =>
        format is null ? new() { ["type"] = "string" } : new() { ["type"] = "string", ["format"] = format };

    private static JsonObject Number(string? format) =>
        format is null ? new() { ["type"] = "number" } : new() { ["type"] = "number", ["format"] = format };

    private static JsonObject Integer(string format, long? minimum = null, long? maximum = null)
    {
        var schema = new JsonObject { ["type"] = "integer", ["format"] = format };
        if (minimum is not null) schema["minimum"] = minimum;
        if (maximum is not null) schema["maximum"] = maximum;
        return schema;
    }

    // Values of a flags enum are written as a list of names in one text, so any text may be one.
    private static JsonObject Enum(Type type)
    {
        if (type.Has("System.FlagsAttribute")) return Text();

        var names = type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => f.One("System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute")?.Value<string>("name") ?? f.Name);
        return new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]) };
    }
}
