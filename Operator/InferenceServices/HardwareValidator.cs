using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;
using static LlmKube.Operator.InferenceServices.FieldChecks;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The checks of what says which GPUs pods get.</summary>
internal static partial class HardwareValidator
{
    private const string Sharing = "spec.resources.gpuSharing";
    private const string Gpu = "Model spec.hardware.gpu";

    /// <summary>The problems of a service by itself.</summary>
    public static IEnumerable<FieldError> Validate(InferenceServiceSpec spec) => spec.Resources?.GpuSharing is not { } sharing ? [] :
    [
        .. OneOf($"{Sharing}.mode", sharing.Mode, GpuSharingModes.Exclusive, GpuSharingModes.Shared, GpuSharingModes.Partitioned),
        .. Check(sharing.Profile is null || Profile().IsMatch(sharing.Profile), $"{Sharing}.profile", $"must be a MIG profile such as 1g.10gb, got \"{sharing.Profile}\""),
        .. Check(sharing.Profile is null or "" || sharing.Mode == GpuSharingModes.Partitioned, $"{Sharing}.profile", GpuSharingRules.ProfileWords),
        .. Check(sharing.MemoryLimitGiB is null or >= 1, $"{Sharing}.memoryLimitGiB", $"must be at least 1, got {sharing.MemoryLimitGiB}"),
        .. Check(sharing.MemoryLimitGiB is null || sharing.Mode == GpuSharingModes.Shared, $"{Sharing}.memoryLimitGiB", GpuSharingRules.MemoryLimitWords),
    ];

    /// <summary>The problems of a model's hardware, and of both together.</summary>
    public static IEnumerable<FieldError> Validate(ModelSpec model, InferenceServiceSpec service) =>
    [
        .. OneOf($"{Gpu}.vendor", model.Hardware?.Gpu?.Vendor, GpuVendors.Nvidia, GpuVendors.Amd, GpuVendors.Intel),
        .. InRange($"{Gpu}.count", model.Hardware?.Gpu?.Count, 0, 8),
        .. Name($"{Gpu}.resourceName", model.Hardware?.Gpu?.ResourceName, "an extended resource such as gpu.intel.com/xe"),
        .. Name($"{Gpu}.tolerationKey", model.Hardware?.Gpu?.TolerationKey, "the key of a taint such as nvidia.com/gpu"),
        .. OneOf($"{Gpu}.runtime", model.Hardware?.Gpu?.Runtime, GpuRuntimes.Vulkan, GpuRuntimes.Rocm),
        .. Check(
            model.Hardware?.Gpu?.Runtime != GpuRuntimes.Rocm || Hardware.VendorOf(model).Name == GpuVendors.Amd,
            $"{Gpu}.runtime",
            "rocm is for GPUs of the vendor amd; leave it out or take vulkan"),
        .. Together(model, service),
    ];

    private static IEnumerable<FieldError> Together(ModelSpec model, InferenceServiceSpec service)
    {
        var mode = GpuRequest.ModeOf(service);
        if (mode == GpuSharingModes.Exclusive || model.Hardware?.Accelerator == Accelerators.Metal) return [];
        if (GpuRequest.Of(service, model) is not { } gpu) return [new($"{Sharing}.mode", $"{mode} goes with a GPU: set spec.resources.gpu to 1")];
        var (vendor, profile) = (gpu.Vendor, service.Resources?.GpuSharing?.Profile);
        var isNamed = model.Hardware?.Gpu?.ResourceName is { Length: > 0 };
        var lacksProfile = (vendor.Name, mode) is (GpuVendors.Nvidia, GpuSharingModes.Partitioned) && profile is null or "";
        return
        [
            .. Check(gpu.Count == 1, $"{Sharing}.mode", $"{mode} is for one GPU per pod, {gpu.Count} are asked for"),
            .. Check(isNamed || !lacksProfile, $"{Sharing}.profile", "must name the MIG profile of the partition, such as 1g.10gb"),
            .. Check(
                isNamed || lacksProfile || Hardware.ResourceOf(vendor, mode, profile) is not null,
                $"{Sharing}.mode",
                $"the device plugin of {vendor.Name} hands out no {mode} GPUs under a name of its own: name the resource in spec.hardware.gpu.resourceName of the Model"),
        ];
    }

    private static FieldError[] Name(string path, string? name, string what) =>
        Check(name is null or "" || (ResourceForm().IsMatch(name) && name.Length <= 253 && IsLabelKey(name)), path, $"must be {what}, got \"{name}\"");

    [GeneratedRegex(@"^([1-9]g\.[1-9][0-9]{0,3}gb(\.me)?)?\z")]
    private static partial Regex Profile();

    [GeneratedRegex(@"^[a-z0-9.\-]+/[a-z0-9._\-]+\z")]
    private static partial Regex ResourceForm();
}
