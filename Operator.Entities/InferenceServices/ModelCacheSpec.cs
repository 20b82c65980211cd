using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>Where the pods of an InferenceService find the weights.</summary>
public sealed record ModelCacheSpec
{
    /// <summary>
    /// Whether the weights outlive the pods: Cached (they are fetched once into a volume that all pods use) or Ephemeral (each pod
    /// fetches and proves them before it serves, into a folder of its own that goes with it, while it holds its GPU). Default: Cached.
    /// </summary>
    [EnumValues(CachePersistences.Cached, CachePersistences.Ephemeral)]
    [DefaultValue(CachePersistences.Cached)]
    public string? Persistence { get; set; }

    /// <summary>
    /// The PersistentVolumeClaim, in the same namespace, that the weights are fetched into, instead of the namespace's own
    /// llmkube-model-cache. The operator writes its own folders in it, labels it, and neither creates nor deletes it, nor what is in
    /// it. Not with persistence Ephemeral, nor with a Model whose source is a pvc:// URL. 1 to 253 characters.
    /// </summary>
    [Length(minLength: 1, maxLength: 253)]
    [Pattern(Names.SubdomainPattern)]
    public string? ClaimName { get; set; }
}
