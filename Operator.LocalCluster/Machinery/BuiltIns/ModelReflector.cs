using k8s.Models;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Turns a model type into a schema: its JSON properties, their types, and the merge rules that the types themselves don't carry.</summary>
internal static partial class ModelReflector
{
    private static readonly ConcurrentDictionary<Type, Schema> Known = new();

    // One thread reflects at a time, so that nobody sees a type whose fields aren't there yet.
    private static readonly Lock Gate = new();

    private static readonly Dictionary<Type, Schema> Scalars = new()
    {
        [typeof(string)] = new() { Type = SchemaType.String },
        [typeof(bool)] = new() { Type = SchemaType.Boolean },
        [typeof(int)] = new() { Type = SchemaType.Integer, Format = "int32" },
        [typeof(long)] = new() { Type = SchemaType.Integer, Format = "int64" },
        [typeof(double)] = new() { Type = SchemaType.Number, Format = "double" },
        [typeof(byte[])] = new() { Type = SchemaType.String, Format = "byte" },
        [typeof(DateTime)] = new() { Type = SchemaType.String, Format = "date-time", TypeName = "Time" },
        [typeof(DateTimeOffset)] = new() { Type = SchemaType.String, Format = "date-time", TypeName = "Time" },
        [typeof(IntOrString)] = new() { IntOrString = true, Format = "int-or-string", TypeName = "IntOrString" },
        [typeof(ResourceQuantity)] = new() { Type = SchemaType.String, Format = "quantity", TypeName = "Quantity" },
    };

    // Types that hold arbitrary JSON, and where one side of "a schema or a flag" decides.
    private static readonly HashSet<string> OpenTypes = ["JSON", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrStringArray", "RawExtension"];

    public static Schema Reflect(Type type)
    {
        if (Known.TryGetValue(type, out var known))
        {
            return known;
        }

        lock (Gate)
        {
            var underway = new Dictionary<Type, Schema>();
            var schema = Of(type, underway);
            foreach (var (model, finished) in underway)
            {
                Known.TryAdd(model, finished);
            }

            return schema;
        }
    }

    /// <summary>A model's name in the API: V1PodSpec is a PodSpec, Rbacv1Subject a Subject.</summary>
    public static string ApiName(Type type) => VersionPrefix().Replace(type.Name, "");

    private static Schema Of(Type type, Dictionary<Type, Schema> underway)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalars.TryGetValue(type, out var scalar))
        {
            return scalar;
        }

        if (Known.TryGetValue(type, out var known) || underway.TryGetValue(type, out known))
        {
            return known;
        }

        if (type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string))
        {
            return new() { Type = SchemaType.Object, AdditionalProperties = Of(value, underway) };
        }

        if (type.IsGenericType && type.GetGenericArguments() is [var element])
        {
            return new() { Type = SchemaType.Array, Items = Of(element, underway) };
        }

        return type == typeof(object) || OpenTypes.Contains(ApiName(type)) ? Schema.Anything : Model(type, underway);
    }

    private static Schema Model(Type type, Dictionary<Type, Schema> underway)
    {
        var name = ApiName(type);
        var properties = new Dictionary<string, Schema>();
        var required = new List<string>();
        var schema = new Schema
        {
            Type = SchemaType.Object,
            TypeName = name,
            TypeDocumentationId = $"T:{type.FullName}",
            DocumentationId = $"T:{type.FullName}",
            AtomicMap = MergeRules.IsAtomic(name),
            Properties = properties,
            Required = required,
        };
        underway[type] = schema;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is not { } field)
            {
                continue;
            }

            properties[field] = Ruled(Of(property.PropertyType, underway), name, field) with { DocumentationId = $"P:{type.FullName}.{property.Name}" };
            if (property.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            {
                required.Add(field);
            }
        }

        return schema;
    }

    private static Schema Ruled(Schema schema, string type, string field)
    {
        if (type is "FieldsV1" || (type is "ManagedFieldsEntry" && field is "fieldsV1"))
        {
            return Schema.Anything;
        }

        if (StaticDefaults.For(type, field) is { } fallback)
        {
            schema = schema with { Default = JsonNode.Parse(fallback) };
        }

        return MergeRules.For(type, field) is not { } rule ? schema : schema with
        {
            ListKind = rule.List,
            ListMapKeys = rule.Keys ?? [],
            AtomicMap = schema.AtomicMap || rule.AtomicMap,
            PatchMergeKey = rule.PatchKey,
            PatchMerges = rule.PatchMerges,
            PatchReplaces = rule.PatchReplaces,
            PatchRetainsKeys = rule.Retains,
        };
    }

    // V1PodSpec, and where a name is taken in more than one group Rbacv1Subject.
    [GeneratedRegex("^([A-Z][a-z]+)?[vV][0-9]+((alpha|beta)[0-9]+)?(?=[A-Z])")]
    private static partial Regex VersionPrefix();
}
