using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The GPUs that each pod of a service gets.</summary>
/// <param name="Count">How many, at least one.</param>
/// <param name="Vendor">Who made them.</param>
internal sealed record GpuRequest(int Count, GpuVendor Vendor)
{
    /// <summary>
    /// The request of a service with its model: the model's count wins over the service's, as with the Go operator (LLMKube). A model that only
    /// says <c>enabled</c> gets one. Null: none.
    /// </summary>
    public static GpuRequest? Of(InferenceServiceSpec service, ModelSpec model)
    {
        var gpu = model.Hardware?.Gpu;
        var count = gpu?.Count is > 0 and var own ? own
            : service.Resources?.Gpu is > 0 and var asked ? asked
            : gpu?.Enabled is true ? 1
            : 0;
        return count > 0 ? new GpuRequest(count, GpuVendor.Of(model)) : null;
    }

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

/// <summary>What a vendor's GPUs are called in a cluster, and which build of llama.cpp uses them.</summary>
/// <param name="Resource">The extended resource of its device plugin, which is also the key of the customary taint.</param>
/// <param name="Image">llama.cpp's server image with this vendor's backend.</param>
/// <param name="Accelerator">What the backend is called.</param>
internal sealed record GpuVendor(string Resource, string Image, string Accelerator)
{
    private const string ServerImage = InferenceServiceDefaults.Image;

    private static readonly GpuVendor Nvidia = new(GpuResources.Nvidia, ServerImage + "-cuda", Accelerators.Cuda);
    private static readonly GpuVendor Amd = new(GpuResources.Amd, ServerImage + "-rocm", Accelerators.Rocm);
    private static readonly GpuVendor Intel = new(GpuResources.Intel, ServerImage + "-intel", GpuVendors.Intel);

    /// <summary>The vendor that a model names; <c>rocm</c> is AMD's, whatever the vendor's default says.</summary>
    public static GpuVendor Of(ModelSpec model) => model.Hardware switch
    {
        { Gpu.Vendor: GpuVendors.Amd } or { Accelerator: Accelerators.Rocm } => Amd,
        { Gpu.Vendor: GpuVendors.Intel } => Intel,
        _ => Nvidia,
    };
}
