using System.Text.Json.Nodes;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The JSON type a schema asks for; <see cref="Any"/> when it asks for none.</summary>
internal enum SchemaType
{
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}

/// <summary>How a list is merged and owned: as one value, as a set of scalars, or as a map whose entries carry their keys.</summary>
internal enum ListKind
{
    Atomic,
    Set,
    Map,
}

/// <summary>
/// A structural schema as Kubernetes knows it: one record for custom resources (parsed) and built-in kinds (reflected).
/// <see cref="Properties"/> may be cyclic (JSONSchemaProps), so nothing walks a schema without an object to lead it.
/// </summary>
internal sealed record Schema
{
    /// <summary>The schema of anything at all: no type, unknown fields kept.</summary>
    public static Schema Anything { get; } = new() { PreserveUnknownFields = true };

    public SchemaType Type { get; init; }

    public string? Format { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    public bool Nullable { get; init; }

    public bool IntOrString { get; init; }

    public bool PreserveUnknownFields { get; init; }

    public bool EmbeddedResource { get; init; }

    public ListKind ListKind { get; init; }

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>An atomic map or object belongs to one manager as a whole.</summary>
    public bool AtomicMap { get; init; }

    public IReadOnlyDictionary<string, Schema> Properties { get; init; } = new Dictionary<string, Schema>();

    public Schema? Items { get; init; }

    public Schema? AdditionalProperties { get; init; }

    public bool ForbidsAdditionalProperties { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Null means "no default": a default of JSON null is none.</summary>
    public JsonNode? Default { get; init; }

    public IReadOnlyList<JsonNode?> Enum { get; init; } = [];

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public double? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public string? Pattern { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public bool UniqueItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public IReadOnlyList<Schema> AllOf { get; init; } = [];

    public IReadOnlyList<Schema> AnyOf { get; init; } = [];

    public IReadOnlyList<Schema> OneOf { get; init; } = [];

    public Schema? Not { get; init; }

    /// <summary>The key that a strategic merge patch matches list entries by; built-in kinds only.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>A strategic merge patch merges this list; without it the patch's list replaces the old one.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>A strategic merge patch replaces this object.</summary>
    public bool PatchReplaces { get; init; }

    /// <summary>A strategic merge patch removes the keys that $retainKeys leaves out (unions such as a deployment's strategy).</summary>
    public bool PatchRetainsKeys { get; init; }

    /// <summary>The built-in type's name (DeploymentSpec), null where the schema is inline.</summary>
    public string? TypeName { get; init; }

    /// <summary>Where the built-in type is described: an id in KubernetesClient's documentation file.</summary>
    public string? TypeDocumentationId { get; init; }

    /// <summary>Where the built-in field (or the type, for a schema that is no field) is described.</summary>
    public string? DocumentationId { get; init; }

    /// <exception cref="InvalidSchemaException">The document is no schema: a keyword has a value of the wrong JSON type.</exception>
    public static Schema Parse(JsonObject openApiV3Schema) => SchemaParser.Parse(openApiV3Schema);

    /// <summary>The schema of a field: its property, else what further fields must look like, else null.</summary>
    public Schema? Field(string name) => Properties.TryGetValue(name, out var property) ? property : AdditionalProperties;
}
