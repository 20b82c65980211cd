using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>The GPUs that each replica of a model gets.</summary>
public sealed record GpuSpec
{
    /// <summary>Whether the model is meant for GPUs: where no number of GPUs is asked for, each replica gets one.</summary>
    public bool? Enabled { get; set; }

    /// <summary>
    /// GPUs per replica, 0 to 8. When greater than 0 it wins over spec.resources.gpu of the InferenceService. With more than one
    /// GPU the model is split across them.
    /// </summary>
    [RangeMinimum(0)]
    [RangeMaximum(8)]
    public int? Count { get; set; }

    /// <summary>
    /// The memory of each GPU, such as 16Gi. What the servers will need is compared with it (condition FitsGPU of
    /// InferenceServices), and nothing else follows from it. spec.resources.gpuMemory of an InferenceService wins. Without both, the
    /// label nvidia.com/gpu.memory of the nodes counts.
    /// </summary>
    [Length(maxLength: 64)]
    public string? Memory { get; set; }

    /// <summary>
    /// Who made the GPU: nvidia, amd or intel. It decides which resource the pods ask for: nvidia.com/gpu, amd.com/gpu or
    /// gpu.intel.com/i915. Default: nvidia.
    /// </summary>
    [EnumValues(GpuVendors.Nvidia, GpuVendors.Amd, GpuVendors.Intel)]
    [DefaultValue(GpuVendors.Nvidia)]
    public string? Vendor { get; set; }

    /// <summary>
    /// The resource that the pods ask for, where the device plugin calls it otherwise than the vendor's usually does, such as
    /// gpu.intel.com/xe, amd.com/cpx_nps4 or nvidia.com/gpu for a pool that is shared without another name. It wins over vendor and
    /// gpuSharing. At most 253 characters.
    /// </summary>
    [Length(maxLength: 253)]
    [Pattern(GpuSharingRules.ResourcePattern)]
    public string? ResourceName { get; set; }

    /// <summary>
    /// The key of the taint on the nodes with GPUs, which the pods tolerate. Without it that is resourceName, or else the vendor's
    /// resource. At most 253 characters.
    /// </summary>
    [Length(maxLength: 253)]
    [Pattern(GpuSharingRules.ResourcePattern)]
    public string? TolerationKey { get; set; }

    /// <summary>
    /// What the GPU is spoken to with: vulkan (llama.cpp's Vulkan build, for any vendor) or rocm (AMD's own). Without it the
    /// vendor's own: CUDA, ROCm or SYCL.
    /// </summary>
    [EnumValues(GpuRuntimes.Vulkan, GpuRuntimes.Rocm)]
    public string? Runtime { get; set; }

    /// <summary>
    /// How many layers of the model are kept in GPU memory, as llama.cpp's --n-gpu-layers. -1, 0 or nothing means all of them.
    /// At least -1.
    /// </summary>
    [RangeMinimum(-1)]
    public int? Layers { get; set; }

    /// <summary>How the model is split when a replica has more than one GPU.</summary>
    public GpuShardingSpec? Sharding { get; set; }
}
