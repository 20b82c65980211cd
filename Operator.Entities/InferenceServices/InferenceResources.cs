using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>What each pod of an InferenceService asks for.</summary>
public sealed record InferenceResources
{
    /// <summary>GPUs per pod, 0 to 8. spec.hardware.gpu.count of the Model wins when it is greater than 0.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(8)]
    public int? Gpu { get; set; }

    /// <summary>
    /// The memory of each GPU that a pod gets, such as 16Gi. What the server will need is compared with it (condition FitsGPU), and
    /// nothing else follows from it. It wins over gpuSharing and over spec.hardware.gpu.memory of the Model. Without these, the
    /// label nvidia.com/gpu.memory of the nodes counts.
    /// </summary>
    [Length(maxLength: 64)]
    public string? GpuMemory { get; set; }

    /// <summary>Whether a pod has its GPUs for itself. Without it, it has.</summary>
    [ValidationRule(GpuSharingRules.Profile, fieldPath: ".profile", message: GpuSharingRules.ProfileWords)]
    [ValidationRule(GpuSharingRules.MemoryLimit, fieldPath: ".memoryLimitGiB", message: GpuSharingRules.MemoryLimitWords)]
    public GpuSharingSpec? GpuSharing { get; set; }

    /// <summary>CPU that each pod requests, such as "2" or "2000m".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Cpu { get; set; }

    /// <summary>Memory that each pod requests, such as "4Gi".</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? Memory { get; set; }

    /// <summary>
    /// Main memory that each pod requests where a part of the model stays there beside the GPUs, such as "64Gi". It wins over
    /// memory.
    /// </summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? HostMemory { get; set; }

    /// <summary>Space on the node's own disk that each pod requests, such as "20Gi". With an Ephemeral cache the weights are there.</summary>
    [Length(maxLength: 64)]
    [Pattern(Quantities.Pattern)]
    public string? EphemeralStorage { get; set; }
}
