using k8s.Models;
using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>Collects the named schemas of a document; built-in types are named once and referred to, the rest stands inline.</summary>
internal sealed class OpenApiSchemas(string group, string version)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly Dictionary<string, string> CommonDescriptions = new()
    {
        ["apiVersion"] = "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources",
        ["kind"] = "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
        ["metadata"] = "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
    };

    private static readonly HashSet<string> MetaTypes =
    [
        "ObjectMeta", "ListMeta", "OwnerReference", "ManagedFieldsEntry", "FieldsV1", "LabelSelector", "LabelSelectorRequirement", "Condition", "Time",
    ];

    // The types of pods and claims belong to the core group, whoever uses them.
    private static readonly Lazy<HashSet<string>> CoreTypes = new(() =>
    {
        var found = new HashSet<string>();
        foreach (var type in new[] { typeof(V1Pod), typeof(V1PersistentVolumeClaim), typeof(V1ObjectReference) })
        {
            Collect(ModelReflector.Reflect(type), found);
        }

        return found;
    });

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    public void AddKind(OpenApiKind kind)
    {
        var schema = kind.Schema;
        var name = schema.TypeName is null
            ? $"{string.Join('.', group.Split('.').Reverse())}.{version}.{kind.Kind}"
            : NameOf(schema.TypeName);
        if (schema.TypeName is null)
        {
            schema = MergeShape.Resource(schema);
        }

        _schemas.TryAdd(name, []);
        var json = Body(schema);
        json["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = group, ["version"] = version, ["kind"] = kind.Kind });
        foreach (var (field, description) in CommonDescriptions)
        {
            if (json.At("properties", field) is JsonObject property)
            {
                // Beside a bare reference nothing else is read.
                var described = property.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(property.DeepClone()) } : property.Clone();
                described["description"] = description;
                json["properties"]![field] = described;
            }
        }

        _schemas[name] = json;
    }

    public JsonObject ToJson() => new([.. _schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value))]);

    private JsonObject Write(Schema schema)
    {
        if (schema.TypeName is not { } type)
        {
            return Body(schema);
        }

        var name = NameOf(type);
        if (_schemas.TryAdd(name, []))
        {
            _schemas[name] = Body(schema with { Description = null, DocumentationId = schema.TypeDocumentationId, Default = null });
        }

        // A reference stands alone; to say something about it takes a wrapper.
        if (schema.DocumentationId is null or ['T', ..] && schema.Default is null)
        {
            return new() { ["$ref"] = $"#/components/schemas/{name}" };
        }

        var reference = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" }) };
        Describe(reference, schema);
        return reference;
    }

    private JsonObject Body(Schema schema)
    {
        var json = new JsonObject();
        Describe(json, schema);
        OpenApiKeywords.Write(json, schema);
        if (schema.Properties.Count > 0)
        {
            json["properties"] = new JsonObject([.. schema.Properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Write(property.Value)))]);
        }

        if (schema.Items is { } items)
        {
            json["items"] = Write(items);
        }

        if (schema.AdditionalProperties is { } additional)
        {
            json["additionalProperties"] = Write(additional);
        }

        if (schema.Required.Count > 0)
        {
            json["required"] = new JsonArray([.. schema.Required.Select(name => (JsonNode?)name)]);
        }

        return json;
    }

    private static void Describe(JsonObject json, Schema schema)
    {
        if ((schema.Description ?? ModelDocumentation.Find(schema.DocumentationId)) is { } description)
        {
            json["description"] = description;
        }

        if (schema.Default is { } fallback)
        {
            json["default"] = fallback.DeepClone();
        }
    }

    private string NameOf(string type) => type switch
    {
        "IntOrString" => "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        "Quantity" => "io.k8s.apimachinery.pkg.api.resource.Quantity",
        _ when MetaTypes.Contains(type) => Meta + type,
        _ when CoreTypes.Value.Contains(type) => $"io.k8s.api.core.v1.{type}",
        _ => $"io.k8s.api.{(group is "" ? "core" : group.Split('.')[0])}.{version}.{type}",
    };

    private static void Collect(Schema schema, HashSet<string> found)
    {
        if (schema.TypeName is { } type && !found.Add(type))
        {
            return;
        }

        foreach (var child in schema.Properties.Values.Append(schema.Items).Append(schema.AdditionalProperties))
        {
            if (child is not null)
            {
                Collect(child, found);
            }
        }
    }
}
