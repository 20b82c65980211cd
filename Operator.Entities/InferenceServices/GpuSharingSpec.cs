using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>Whether a pod has its GPUs for itself.</summary>
public sealed record GpuSharingSpec
{
    /// <summary>
    /// exclusive (whole GPUs), partitioned (a MIG partition of an NVIDIA GPU, see profile) or shared (a GPU that others use at the
    /// same time, nothing keeping their memory apart). Partitioned and shared are for one GPU per pod. Default: exclusive.
    /// </summary>
    [EnumValues(GpuSharingModes.Exclusive, GpuSharingModes.Shared, GpuSharingModes.Partitioned)]
    [DefaultValue(GpuSharingModes.Exclusive)]
    public string? Mode { get; set; }

    /// <summary>The MIG profile of a partition, such as 1g.10gb: the pod asks for nvidia.com/mig-1g.10gb. Only with mode partitioned.</summary>
    [Length(maxLength: 32)]
    [Pattern(GpuSharingRules.ProfilePattern)]
    public string? Profile { get; set; }

    /// <summary>
    /// The GPU memory in GiB that the server is meant to take of a shared GPU, at least 1. What it will need by estimate is compared
    /// with it (condition FitsGPU); nothing enforces it. Only with mode shared.
    /// </summary>
    [RangeMinimum(1)]
    public int? MemoryLimitGiB { get; set; }
}
