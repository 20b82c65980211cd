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
    /// How many layers of the model are kept in GPU memory, as llama.cpp's --n-gpu-layers. -1, 0 or nothing means all of them.
    /// At least -1.
    /// </summary>
    [RangeMinimum(-1)]
    public int? Layers { get; set; }

    /// <summary>How the model is split when a replica has more than one GPU.</summary>
    public GpuShardingSpec? Sharding { get; set; }
}
