namespace LlmKube.Operator.Entities;

/// <summary>Makers of GPUs.</summary>
public static class GpuVendors
{
    /// <summary>NVIDIA.</summary>
    public const string Nvidia = "nvidia";

    /// <summary>AMD.</summary>
    public const string Amd = "amd";

    /// <summary>Intel.</summary>
    public const string Intel = "intel";
}

/// <summary>The extended resources of GPUs.</summary>
public static class GpuResources
{
    /// <summary>Of NVIDIA's device plugin.</summary>
    public const string Nvidia = "nvidia.com/gpu";

    /// <summary>Of AMD's device plugin.</summary>
    public const string Amd = "amd.com/gpu";

    /// <summary>Of Intel's device plugin.</summary>
    public const string Intel = "gpu.intel.com/i915";
}

/// <summary>Labels that vendors' tools put on nodes with GPUs.</summary>
public static class GpuNodeLabels
{
    /// <summary>The memory of each GPU of the node in MiB, by NVIDIA's GPU feature discovery.</summary>
    public const string NvidiaMemory = "nvidia.com/gpu.memory";
}

/// <summary>What a GPU is spoken to with, where a vendor's has several.</summary>
public static class GpuRuntimes
{
    /// <summary>Vulkan, which all vendors' drivers know.</summary>
    public const string Vulkan = "vulkan";

    /// <summary>AMD's own.</summary>
    public const string Rocm = "rocm";
}
