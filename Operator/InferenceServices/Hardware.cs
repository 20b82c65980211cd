using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A maker of GPUs.</summary>
/// <param name="Name">One of <see cref="GpuVendors"/>.</param>
/// <param name="Resource">The extended resource of its device plugin, which is also the key of the customary taint.</param>
/// <param name="Build">The build of the server that uses its GPUs, unless the Model wants another: one of <see cref="ServerBuilds"/>.</param>
/// <param name="NodeLabel">The label with the value true that its own tools put on nodes with its GPUs.</param>
internal sealed record GpuVendor(string Name, string Resource, string Build, string NodeLabel);

/// <summary>Which vendor's GPU is asked for by which resource. This is the one place that knows.</summary>
internal static class Hardware
{
    private static readonly GpuVendor s_nvidia = new(GpuVendors.Nvidia, GpuResources.Nvidia, ServerBuilds.Cuda, "nvidia.com/gpu.present");
    private static readonly GpuVendor s_amd = new(GpuVendors.Amd, GpuResources.Amd, ServerBuilds.Rocm, "feature.node.kubernetes.io/amd-gpu");
    private static readonly GpuVendor s_intel = new(GpuVendors.Intel, GpuResources.Intel, ServerBuilds.Intel, "intel.feature.node.kubernetes.io/gpu");

    /// <summary>The vendor that a model names; <c>rocm</c> is AMD's and <c>intel</c> Intel's, whatever the vendor's default says.</summary>
    public static GpuVendor VendorOf(ModelSpec model) => model.Hardware switch
    {
        { Gpu.Vendor: GpuVendors.Amd } or { Accelerator: Accelerators.Rocm } => s_amd,
        { Gpu.Vendor: GpuVendors.Intel } or { Accelerator: Accelerators.Intel } => s_intel,
        _ => s_nvidia,
    };

    /// <summary>
    /// The resource by which a vendor's device plugin hands out GPUs in this mode; null: it doesn't. Sources: the READMEs of NVIDIA/k8s-device-plugin (MIG strategy mixed; sharing with
    /// renameByDefault) and of intel/intel-device-plugins-for-kubernetes (-shared-dev-num keeps the name). AMD's plugin names partitions as the administrator chose.
    /// </summary>
    /// <param name="vendor">The vendor.</param>
    /// <param name="mode">One of <see cref="GpuSharingModes"/>.</param>
    /// <param name="profile">The partition, where there are some.</param>
    public static string? ResourceOf(GpuVendor vendor, string mode, string? profile) => (vendor.Name, mode, profile) switch
    {
        (_, GpuSharingModes.Exclusive, _) => vendor.Resource,
        (GpuVendors.Nvidia, GpuSharingModes.Partitioned, { Length: > 0 }) => $"nvidia.com/mig-{profile}",
        (GpuVendors.Nvidia, GpuSharingModes.Shared, _) => "nvidia.com/gpu.shared",
        (GpuVendors.Intel, GpuSharingModes.Shared, _) => vendor.Resource,
        _ => null,
    };

    /// <summary>The build of the server that a model wants on a vendor's GPUs.</summary>
    public static string BuildOf(GpuVendor vendor, ModelSpec model) => model.Hardware?.Gpu?.Runtime == GpuRuntimes.Vulkan ? ServerBuilds.Vulkan : vendor.Build;
}

/// <summary>llama.cpp's own builds of its server, by what they compute on.</summary>
internal static class ServerBuilds
{
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";
    public const string Rocm = "rocm";
    public const string Intel = "intel";
    public const string Vulkan = "vulkan";

    public static IReadOnlyList<string> All { get; } = [Cpu, Cuda, Rocm, Intel, Vulkan];
}
