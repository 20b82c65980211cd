using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Rules;
using LlmKube.Operator.LocalCluster.Machinery;

namespace LlmKube.Operator.LocalCluster.ApiServer.Registry;

/// <summary>One resource in one version: its names, what it can do, and the rules its objects follow.</summary>
internal sealed record ResourceDefinition
{
    /// <summary>The API group; empty for the core group.</summary>
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Plural { get; init; }

    public required string Kind { get; init; }

    public string Singular { get; init => field = value.Length > 0 ? value : field; } = "";

    public string? ListKindName { get; init; }

    public string ListKind => ListKindName ?? $"{Kind}List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool Namespaced { get; init; } = true;

    /// <summary>Status is written through its own subresource only.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Status may be given when the object is created (nodes).</summary>
    public bool StatusOnCreate { get; init; }

    /// <summary>metadata.generation counts the changes of all but metadata and status.</summary>
    public bool CountsGeneration { get; init; }

    /// <summary>A PUT of an object that doesn't exist creates it.</summary>
    public bool CreateOnUpdate { get; init; }

    /// <summary>A PUT may leave metadata.resourceVersion out.</summary>
    public bool UnconditionalUpdate { get; init; } = true;

    public ScalePaths? Scale { get; init; }

    public NameRule NameRule { get; init; } = NameRule.Subdomain;

    public ObjectRules Rules { get; init; } = ObjectRules.None;

    public Schema? Schema { get; init; }

    /// <summary>The OpenAPI v3 schema as it was given; custom resources only.</summary>
    public JsonObject? OpenApi { get; init; }

    /// <summary>The printer columns of a custom resource, as its definition has them; null for built-in resources.</summary>
    public IReadOnlyList<JsonObject>? PrinterColumns { get; init; }

    /// <summary>Served from a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Field selectors beyond metadata.name and metadata.namespace.</summary>
    public IReadOnlyDictionary<string, Func<JsonObject, string>> SelectableFields { get; init; } = new Dictionary<string, Func<JsonObject, string>>();

    /// <summary>A deletion answers with the object that is gone instead of a Status; Kubernetes' OpenAPI document says of which kinds.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>Objects exist only in the answer to the request that creates them (reviews).</summary>
    public bool IsReview { get; init; }

    /// <summary>False for namespaces.</summary>
    public bool DeletesCollections { get; init; } = true;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public GroupResource GroupResource => new(Group, Plural);

    /// <summary>The store's table: one for all versions of a resource.</summary>
    public string Table => $"{Group}/{Plural}";

    public string SingularName => Singular.Length > 0 ? Singular : Kind.ToLowerInvariant();

    /// <summary>The verbs of the main resource, as discovery lists them.</summary>
    public IReadOnlyList<string> Verbs => IsReview ? ["create"]
        : DeletesCollections ? ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        : ["create", "delete", "get", "list", "patch", "update", "watch"];
}

/// <summary>Where a scale subresource finds replicas and selector, as paths such as ".spec.replicas".</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? LabelSelector)
{
    /// <summary>Built-in workloads: the selector is a LabelSelector object and is shown as text.</summary>
    public static readonly ScalePaths Workload = new(".spec.replicas", ".status.replicas", ".spec.selector");
}
