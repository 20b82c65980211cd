namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Short names that <c>kubectl</c> takes for the kind, for example <c>isvc</c>.</summary>
/// <param name="shortNames">The names, lower-case.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class KubernetesEntityShortNamesAttribute(params string[] shortNames) : Attribute
{
    /// <summary>The names, lower-case.</summary>
    public string[] ShortNames => shortNames;
}

/// <summary>Says whether objects of the kind live in a namespace.</summary>
/// <param name="scope">Where they live.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope = default) : Attribute
{
    /// <summary>Where objects of the kind live.</summary>
    public EntityScope Scope => scope;
}

/// <summary>Marks the version of a kind in which the API server stores objects.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StorageVersionAttribute : Attribute;

/// <summary>Gives the kind a scale subresource, for <c>kubectl scale</c> and autoscalers.</summary>
/// <param name="specReplicasPath">Where the desired count stands, for example <c>.spec.replicas</c>.</param>
/// <param name="statusReplicasPath">Where the observed count stands, for example <c>.status.replicas</c>.</param>
/// <param name="labelSelectorPath">Where the pods' label selector stands as a string; null if nowhere.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ScaleSubresourceAttribute(
    string specReplicasPath, string statusReplicasPath, string? labelSelectorPath = null) : Attribute
{
    /// <summary>Where the desired count stands.</summary>
    public string SpecReplicasPath => specReplicasPath;

    /// <summary>Where the observed count stands.</summary>
    public string StatusReplicasPath => statusReplicasPath;

    /// <summary>Where the pods' label selector stands as a string; null if nowhere.</summary>
    public string? LabelSelectorPath => labelSelectorPath;
}

/// <summary>Leaves the class out of the CRDs, or the property out of the schema.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class IgnoreAttribute : Attribute;
