using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What each pod of an InferenceService asks for.</summary>
public sealed record InferenceResources
{
    /// <summary>GPUs per pod, 0 to 8. spec.hardware.gpu.count of the Model wins when it is greater than 0.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(8)]
    public int? Gpu { get; set; }

    /// <summary>The GPU memory that the model needs, such as 16Gi. For the reader only.</summary>
    [Length(maxLength: 64)]
    public string? GpuMemory { get; set; }

    /// <summary>CPU that each pod requests, such as "2" or "2000m".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Cpu { get; set; }

    /// <summary>Memory that each pod requests, such as "4Gi".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Memory { get; set; }
}
