using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>Where the pods of an InferenceService find the weights.</summary>
public sealed record ModelCacheSpec
{
    /// <summary>
    /// Whether the weights outlive the pods: Cached (they are fetched once into a volume that all pods use) or Ephemeral (each pod
    /// fetches them into a folder of its own, which goes with it; comes later, and is refused in the status for now). Default: Cached.
    /// </summary>
    [EnumValues(CachePersistences.Cached, CachePersistences.Ephemeral)]
    [DefaultValue(CachePersistences.Cached)]
    public string? Persistence { get; set; }

    /// <summary>
    /// The PersistentVolumeClaim, in the same namespace, that the weights are fetched into, instead of the namespace's own
    /// llmkube-model-cache. The operator writes its own folders in it and neither creates nor deletes it. Not with persistence
    /// Ephemeral. Comes later, and is refused in the status for now. 1 to 253 characters.
    /// </summary>
    [Length(minLength: 1, maxLength: 253)]
    [Pattern(Names.SubdomainPattern)]
    public string? ClaimName { get; set; }
}
