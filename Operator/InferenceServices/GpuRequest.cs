using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The GPUs that each pod of a service gets.</summary>
internal sealed record GpuRequest
{
    /// <summary>How many, at least one.</summary>
    public required int Count { get; init; }

    /// <summary>Who made them.</summary>
    public required GpuVendor Vendor { get; init; }

    /// <summary>Whether the pod has them for itself, one of <see cref="GpuSharingModes"/>.</summary>
    public required string Mode { get; init; }

    /// <summary>The extended resource that the pod asks for.</summary>
    public required string Resource { get; init; }

    /// <summary>The key of the taint that keeps others away from the nodes.</summary>
    public required string TolerationKey { get; init; }

    /// <summary>The build of the server that uses them, one of <see cref="ServerBuilds"/>.</summary>
    public required string Build { get; init; }

    /// <summary>True for whole GPUs under the vendor's own name, of which the nodes' labels speak.</summary>
    public bool IsPlain => Mode == GpuSharingModes.Exclusive && Resource == Vendor.Resource;

    /// <summary>
    /// The request of a service with its model: the model's count wins over the service's, as with the Go operator (LLMKube). A model that only
    /// says <c>enabled</c> gets one. Null: none. A mode that the vendor doesn't have is taken for exclusive (the validator refuses it).
    /// </summary>
    public static GpuRequest? Of(InferenceServiceSpec service, ModelSpec model)
    {
        var gpu = model.Hardware?.Gpu;
        var count = gpu?.Count is > 0 and var own ? own
            : service.Resources?.Gpu is > 0 and var asked ? asked
            : gpu?.Enabled is true ? 1
            : 0;
        if (count == 0) return null;
        var vendor = Hardware.VendorOf(model);
        var mode = ModeOf(service);
        var named = gpu?.ResourceName is { Length: > 0 } name ? name : null;
        return new()
        {
            Count = count,
            Vendor = vendor,
            Mode = mode,
            Resource = named ?? Hardware.ResourceOf(vendor, mode, service.Resources?.GpuSharing?.Profile) ?? vendor.Resource,
            TolerationKey = gpu?.TolerationKey is { Length: > 0 } key ? key : named ?? vendor.Resource,
            Build = Hardware.BuildOf(vendor, model),
        };
    }

    /// <summary>Whether the pods of a service have their GPUs for themselves.</summary>
    public static string ModeOf(InferenceServiceSpec service) => service.Resources?.GpuSharing?.Mode is { Length: > 0 } mode ? mode : GpuSharingModes.Exclusive;

    /// <summary>The number of GPUs that each pod of a service asks for: none where an agent outside the cluster serves.</summary>
    /// <param name="service">The service.</param>
    /// <param name="model">Its model; null: there is none, and only what the service itself asks for is known.</param>
    public static int PerPod(InferenceServiceSpec service, ModelSpec? model) => model switch
    {
        null => service.Resources?.Gpu ?? 0,
        { Hardware.Accelerator: Accelerators.Metal } => 0,
        _ => Of(service, model)?.Count ?? 0,
    };
}
