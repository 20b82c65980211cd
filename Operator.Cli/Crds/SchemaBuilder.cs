using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.Cli.Assemblies;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Cli.Crds;

/// <summary>
/// Builds the structural OpenAPI schema of a type as the type is serialised by KubernetesClient: names are those of
/// <c>[JsonPropertyName]</c> to the letter, else in camel case. Absent and null mean the same in Kubernetes, so nothing is
/// marked as nullable.
/// </summary>
internal sealed class SchemaBuilder(XmlDocumentation documentation, DescriptionLimit limit)
{
    /// <summary>The schema of a whole kind.</summary>
    public JsonObject Entity(EntityType entity)
    {
        var properties = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["apiVersion"] = Text("The API group and version of this object's schema, such as " + $"{entity.Group}/{entity.Version}."),
            ["kind"] = Text($"The kind of this object: {entity.Kind}."),
            ["metadata"] = new JsonObject { ["type"] = "object" },
        };
        var required = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var property in Serialised(entity.Type).Where(p => !properties.ContainsKey(NameOf(p))))
        {
            var schema = Property(property, NameOf(property), []);
            properties.Add(NameOf(property), schema);
            // Without defaults of its own, an object with required fields can't be left out.
            if (IsRequired(property) || (NameOf(property) == "spec" && schema.ContainsKey("required"))) required.Add(NameOf(property));
        }

        var root = new JsonObject();
        SetIfPresent(root, "description", Describe(entity.Type));
        root["type"] = "object";
        root["properties"] = new JsonObject(properties);
        if (required.Count > 0) root["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]);
        SchemaAttributes.ApplyTo(root, entity.Type);
        return root;
    }

    public static string NameOf(PropertyInfo property) =>
        property.One("System.Text.Json.Serialization.JsonPropertyNameAttribute")?.Value<string>("name")
        ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    /// <summary>What is written to and read from the wire. A property that can't be set is computed and not stored.</summary>
    public static IEnumerable<PropertyInfo> Serialised(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.GetIndexParameters().Length == 0 && p.GetMethod is { IsPublic: true } && p.SetMethod is { IsPublic: true })
            .Where(p => p.SchemaAttribute("Ignore") is null && !IsIgnoredByJson(p) && !IsExtensionData(p))
            .DistinctBy(p => p.Name);

    private static bool IsIgnoredByJson(PropertyInfo property) =>
        property.One("System.Text.Json.Serialization.JsonIgnoreAttribute") is { } ignore && ignore.Raw("Condition") is null or 1;

    private static bool IsExtensionData(PropertyInfo property) => property.Has("System.Text.Json.Serialization.JsonExtensionDataAttribute");

    private static bool IsRequired(PropertyInfo property) =>
        property.SchemaAttribute("Required") is not null
        || ScalarTypes.WithoutNullable(property.PropertyType).SchemaAttribute("Required") is not null
        || property.Has("System.Runtime.CompilerServices.RequiredMemberAttribute");

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };

    private static void SetIfPresent(JsonObject schema, string key, string? value)
    {
        if (value is not null) schema[key] = value;
    }

    private JsonObject Property(PropertyInfo property, string path, Type[] within)
    {
        var schema = new JsonObject();
        SetIfPresent(schema, "description", Describe(property));
        if (property.SchemaAttribute("PreserveUnknownFields") is not null)
        {
            schema["type"] = "object";
        }
        else
        {
            Merge(schema, OfType(property.PropertyType, path, within));
        }

        SchemaAttributes.ApplyTo(schema, property);
        return schema;
    }

    private JsonObject OfType(Type type, string path, Type[] within)
    {
        type = ScalarTypes.WithoutNullable(type);
        if (ScalarTypes.SchemaOf(type) is { } scalar) return scalar;
        if (CollectionTypes.DictionaryValue(type, path) is { } value)
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Element(value, path + ".*", within) };
        }

        if (CollectionTypes.Element(type) is { } element)
        {
            var array = new JsonObject { ["type"] = "array", ["items"] = Element(element, path + "[]", within) };
            if (CollectionTypes.IsSet(type)) array["x-kubernetes-list-type"] = "set";
            return array;
        }

        if (KubernetesTypes.SchemaOf(type) is { } known) return known;
        if (type.Namespace is "System" || (type.Namespace?.StartsWith("System.", StringComparison.Ordinal) ?? false) || type.IsInterface || type.IsGenericParameter)
        {
            throw new CliException($"{path}: the type {type} has no schema; use another, or mark it [PreserveUnknownFields] or [Ignore]");
        }

        return Object(type, path, within);
    }

    private JsonObject Element(Type type, string path, Type[] within)
    {
        var schema = OfType(type, path, within);
        var described = new JsonObject();
        if (schema["properties"] is not null) SetIfPresent(described, "description", Describe(type));
        Merge(described, schema);
        return described;
    }

    private JsonObject Object(Type type, string path, Type[] within)
    {
        if (within.Contains(type))
        {
            throw new CliException($"{path}: the type {type.Name} contains itself, which no structural schema can say; mark the property [PreserveUnknownFields] or [Ignore]");
        }

        var properties = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        var required = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var property in Serialised(type))
        {
            var name = NameOf(property);
            properties[name] = Property(property, $"{path}.{name}", [.. within, type]);
            if (IsRequired(property)) required.Add(name);
        }

        var schema = new JsonObject { ["type"] = "object" };
        if (properties.Count > 0) schema["properties"] = new JsonObject(properties);
        if (required.Count > 0) schema["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]);
        if (type.GetProperties().Any(IsExtensionData)) schema["x-kubernetes-preserve-unknown-fields"] = true;
        KubernetesTypes.Refine(type, schema);
        SchemaAttributes.ApplyTo(schema, type);
        return schema;
    }

    private string? Describe(PropertyInfo property) =>
        property.SchemaAttribute("Description")?.Value<string>("description")
        ?? limit.Apply(property.DeclaringType!, documentation.Of(property))
        ?? Describe(CollectionTypes.Element(property.PropertyType) ?? ScalarTypes.WithoutNullable(property.PropertyType));

    private string? Describe(Type type) =>
        type.SchemaAttribute("Description")?.Value<string>("description")
        ?? (type.IsGenericType || ScalarTypes.SchemaOf(type) is not null || KubernetesTypes.SchemaOf(type) is not null
            ? null
            : limit.Apply(type, documentation.Of(type)));

    // Keys of the first stay where they are; those of the second follow.
    private static void Merge(JsonObject schema, JsonObject more)
    {
        foreach (var (key, value) in more.ToArray())
        {
            more.Remove(key);
            if (!schema.ContainsKey(key)) schema[key] = value;
        }
    }
}
