namespace LlmKube.Operator.Entities;

/// <summary>Makers of GPUs, and the extended resources by which their device plugins offer them.</summary>
public static class GpuVendors
{
    /// <summary>NVIDIA.</summary>
    public const string Nvidia = "nvidia";

    /// <summary>AMD.</summary>
    public const string Amd = "amd";

    /// <summary>Intel.</summary>
    public const string Intel = "intel";

    /// <summary>The resource that pods ask for; null if there is no such vendor.</summary>
    public static string? ResourceOf(string vendor) => vendor switch
    {
        Nvidia => GpuResources.Nvidia,
        Amd => GpuResources.Amd,
        Intel => GpuResources.Intel,
        _ => null,
    };
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

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Nvidia, Amd, Intel];
}
