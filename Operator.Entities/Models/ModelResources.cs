using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What serving a model takes beside a GPU.</summary>
public sealed record ModelResources
{
    /// <summary>CPU that a replica of the model needs, such as "2" or "2000m".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Cpu { get; set; }

    /// <summary>Memory that a replica of the model needs, such as "4Gi".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Memory { get; set; }
}
