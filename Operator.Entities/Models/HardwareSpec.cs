using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>The hardware that a model wants.</summary>
public sealed record HardwareSpec
{
    /// <summary>
    /// The kind of acceleration: cpu, cuda (NVIDIA), rocm (AMD), intel or metal (Apple; served by an agent outside the cluster, so
    /// that no pods are made). Default: cpu.
    /// </summary>
    [EnumValues(Accelerators.Cpu, Accelerators.Metal, Accelerators.Cuda, Accelerators.Rocm, Accelerators.Intel)]
    [DefaultValue(Accelerators.Cpu)]
    public string? Accelerator { get; set; }

    /// <summary>The GPUs that each replica gets.</summary>
    public GpuSpec? Gpu { get; set; }
}
