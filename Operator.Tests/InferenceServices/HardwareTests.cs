using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>The table of vendors, modes and builds, row by row, in the Deployment that comes of it.</summary>
public sealed class HardwareTests
{
    private const string Upstream = "ghcr.io/ggml-org/llama.cpp:";

    private static readonly Dictionary<string, (Func<(InferenceService Service, Model Model)> Given, string Limit, string Toleration, string Image)> Rows = new()
    {
        ["CPUs"] = (() => (A.Service(), A.Model()), "", "", Upstream + "server"),
        ["NVIDIA, by default"] = (() => (A.Service(with: s => s.Resources = new InferenceResources { Gpu = 2 }), A.Model()), "nvidia.com/gpu=2", "nvidia.com/gpu", Upstream + "server-cuda"),
        ["NVIDIA, exclusive"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Exclusive), "nvidia.com/gpu=1", "nvidia.com/gpu", Upstream + "server-cuda"),
        ["NVIDIA, a MIG partition"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned, "1g.5gb"), "nvidia.com/mig-1g.5gb=1", "nvidia.com/gpu", Upstream + "server-cuda"),
        ["NVIDIA, shared"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Shared), "nvidia.com/gpu.shared=1", "nvidia.com/gpu", Upstream + "server-cuda"),
        ["NVIDIA, shared under the usual name"] =
            (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Shared, gpu: g => g.ResourceName = "nvidia.com/gpu"), "nvidia.com/gpu=1", "nvidia.com/gpu", Upstream + "server-cuda"),
        ["NVIDIA over Vulkan"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.Runtime = GpuRuntimes.Vulkan), "nvidia.com/gpu=1", "nvidia.com/gpu", Upstream + "server-vulkan"),
        ["AMD"] = (() => Sharing(GpuVendors.Amd, null), "amd.com/gpu=1", "amd.com/gpu", Upstream + "server-rocm"),
        ["AMD, by the accelerator alone"] = (() => (A.Service(), A.GpuModel(accelerator: Accelerators.Rocm)), "amd.com/gpu=1", "amd.com/gpu", Upstream + "server-rocm"),
        ["AMD over ROCm by word"] = (() => Sharing(GpuVendors.Amd, null, gpu: g => g.Runtime = GpuRuntimes.Rocm), "amd.com/gpu=1", "amd.com/gpu", Upstream + "server-rocm"),
        ["AMD over Vulkan"] = (() => Sharing(GpuVendors.Amd, null, gpu: g => g.Runtime = GpuRuntimes.Vulkan), "amd.com/gpu=1", "amd.com/gpu", Upstream + "server-vulkan"),
        ["AMD, a partition that the administrator named"] =
            (() => Sharing(GpuVendors.Amd, GpuSharingModes.Partitioned, gpu: g => (g.ResourceName, g.TolerationKey) = ("amd.com/cpx_nps4", "amd.com/gpu")), "amd.com/cpx_nps4=1", "amd.com/gpu", Upstream + "server-rocm"),
        ["AMD, shared by a generic plugin"] =
            (() => Sharing(GpuVendors.Amd, GpuSharingModes.Shared, gpu: g => (g.ResourceName, g.Runtime) = ("devic.es/dri-render", GpuRuntimes.Vulkan)), "devic.es/dri-render=1", "devic.es/dri-render", Upstream + "server-vulkan"),
        ["Intel"] = (() => Sharing(GpuVendors.Intel, null), "gpu.intel.com/i915=1", "gpu.intel.com/i915", Upstream + "server-intel"),
        ["Intel, by the accelerator alone"] = (() => (A.Service(), A.GpuModel(accelerator: Accelerators.Intel)), "gpu.intel.com/i915=1", "gpu.intel.com/i915", Upstream + "server-intel"),
        ["Intel, the newer driver"] = (() => Sharing(GpuVendors.Intel, null, gpu: g => g.ResourceName = "gpu.intel.com/xe"), "gpu.intel.com/xe=1", "gpu.intel.com/xe", Upstream + "server-intel"),
        ["Intel, shared"] = (() => Sharing(GpuVendors.Intel, GpuSharingModes.Shared), "gpu.intel.com/i915=1", "gpu.intel.com/i915", Upstream + "server-intel"),
        ["Intel over Vulkan"] = (() => Sharing(GpuVendors.Intel, null, gpu: g => g.Runtime = GpuRuntimes.Vulkan), "gpu.intel.com/i915=1", "gpu.intel.com/i915", Upstream + "server-vulkan"),
        ["another taint"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.TolerationKey = "example.com/gpu-node"), "nvidia.com/gpu=1", "example.com/gpu-node", Upstream + "server-cuda"),
    };

    private static readonly Dictionary<string, (Func<(InferenceService Service, Model Model)> Given, string Want)> Refused = new()
    {
        ["a mode that is none"] = (() => Sharing(GpuVendors.Nvidia, "halved"), "spec.resources.gpuSharing.mode: must be one of exclusive, shared, partitioned"),
        ["a profile that is none"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned, "big"), "spec.resources.gpuSharing.profile: must be a MIG profile such as 1g.10gb, got \"big\""),
        ["a profile with a line break"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned, "1g.5gb\n"), "spec.resources.gpuSharing.profile: must be a MIG profile"),
        ["a profile of a whole GPU"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Exclusive, "1g.5gb"), "spec.resources.gpuSharing.profile: profile goes with mode partitioned only"),
        ["a partition without a profile"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned), "spec.resources.gpuSharing.profile: must name the MIG profile"),
        ["no memory of a shared GPU"] = (() => Shared(s => s.MemoryLimitGiB = 0), "spec.resources.gpuSharing.memoryLimitGiB: must be at least 1, got 0"),
        ["memory of a GPU that is not shared"] = (() => Shared(s => (s.Mode, s.MemoryLimitGiB) = (null, 8)), "spec.resources.gpuSharing.memoryLimitGiB: memoryLimitGiB goes with mode shared only"),
        ["partitions of AMD's without a name"] = (() => Sharing(GpuVendors.Amd, GpuSharingModes.Partitioned), "spec.resources.gpuSharing.mode: the device plugin of amd hands out no partitioned GPUs"),
        ["shares of AMD's without a name"] = (() => Sharing(GpuVendors.Amd, GpuSharingModes.Shared), "spec.resources.gpuSharing.mode: the device plugin of amd hands out no shared GPUs"),
        ["partitions of Intel's without a name"] = (() => Sharing(GpuVendors.Intel, GpuSharingModes.Partitioned), "spec.resources.gpuSharing.mode: the device plugin of intel hands out no partitioned GPUs"),
        ["two partitions"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned, "1g.5gb", g => g.Count = 2), "spec.resources.gpuSharing.mode: partitioned is for one GPU per pod, 2 are asked for"),
        ["two shares"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Shared, gpu: g => g.Count = 2), "spec.resources.gpuSharing.mode: shared is for one GPU per pod, 2 are asked for"),
        ["a share of no GPU"] = (() => Sharing(GpuVendors.Nvidia, GpuSharingModes.Shared, gpu: g => (g.Enabled, g.Count) = (false, 0)), "spec.resources.gpuSharing.mode: shared goes with a GPU: set spec.resources.gpu to 1"),
        ["a resource of no domain"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.ResourceName = "gpu"), "Model spec.hardware.gpu.resourceName: must be an extended resource"),
        ["a resource of two domains"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.ResourceName = "a/b/c"), "Model spec.hardware.gpu.resourceName: must be an extended resource"),
        ["a taint that is none"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.TolerationKey = "GPU nodes"), "Model spec.hardware.gpu.tolerationKey: must be the key of a taint"),
        ["a runtime that is none"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.Runtime = "opencl"), "Model spec.hardware.gpu.runtime: must be one of vulkan, rocm"),
        ["ROCm on what is not AMD's"] = (() => Sharing(GpuVendors.Nvidia, null, gpu: g => g.Runtime = GpuRuntimes.Rocm), "Model spec.hardware.gpu.runtime: rocm is for GPUs of the vendor amd"),
    };

    public static IEnumerable<string> RowNames => Rows.Keys;

    public static IEnumerable<string> RefusedNames => Refused.Keys;

    [TestCaseSource(nameof(RowNames))]
    public void A_row_of_the_table(string row)
    {
        var (given, limit, toleration, image) = Rows[row];
        var (service, model) = given();
        Assert.That(Problems(service, model), Is.Empty);

        var pod = A.Build(service, model).Spec.Template.Spec;

        var limits = pod.Containers[0].Resources?.Limits?.Select(l => $"{l.Key}={l.Value}") ?? [];
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(",", limits), Is.EqualTo(limit));
            Assert.That(string.Join(",", pod.Tolerations?.Select(t => t.Key) ?? []), Is.EqualTo(toleration));
            Assert.That(pod.Tolerations ?? [], Is.All.Matches<V1Toleration>(t => t is { OperatorProperty: "Exists", Effect: "NoSchedule", Value: null }));
            Assert.That(pod.Containers[0].Image, Is.EqualTo(image));
        });
    }

    [TestCaseSource(nameof(RefusedNames))]
    public void What_no_cluster_has_is_refused_with_the_field_s_name(string story)
    {
        var (service, model) = Refused[story].Given();

        Assert.That(Problems(service, model), Has.One.StartsWith(Refused[story].Want));
    }

    [TestCase("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", "nvidia.com/gpu", true)]
    [TestCase("0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) had untolerated taint(s).", "nvidia.com/gpu", true)]
    [TestCase("0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available", "nvidia.com/gpu", true)]
    [TestCase("0/3 nodes are available: 3 Insufficient nvidia.com/mig-1g.5gb.", "nvidia.com/mig-1g.5gb", true)]
    [TestCase("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.shared.", "nvidia.com/gpu.shared", true)]
    [TestCase("0/3 nodes are available: 3 Insufficient gpu.intel.com/xe", "gpu.intel.com/xe", true)]
    [TestCase("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.shared.", "nvidia.com/gpu", false)]
    [TestCase("0/3 nodes are available: 3 Insufficient memory.", "nvidia.com/gpu", false)]
    public void A_pod_waits_for_the_resource_that_it_asks_for(string words, string resource, bool waits)
    {
        var pod = A.Unschedulable("a", words: words);
        pod.Spec.Containers[0].Resources.Limits = new Dictionary<string, ResourceQuantity> { [resource] = new("1") };

        Assert.That(pod.GpuWaitedFor(), Is.EqualTo(waits ? (resource, "1") : null));
    }

    [Test]
    public void A_fetch_goes_where_the_partitions_are()
    {
        var (service, model) = Sharing(GpuVendors.Nvidia, GpuSharingModes.Partitioned, "1g.5gb", g => g.TolerationKey = "example.com/gpu");

        var placement = FetchPlacement.For([model], [service], isShared: false);

        Assert.That(placement.Tolerations!.Select(t => t.Key), Is.EqualTo(new[] { "example.com/gpu" }));
        Assert.That(
            placement.Affinity!.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution.Single().Preference.MatchExpressions.Single().Key, Is.EqualTo("nvidia.com/gpu.present"));
    }

    private static IEnumerable<string> Problems(InferenceService service, Model model) =>
        ServiceSpecValidator.Validate(service.Spec).Concat(ServiceSpecValidator.Validate(model.Spec, service.Spec)).Select(p => p.ToString());

    private static (InferenceService Service, Model Model) Sharing(string vendor, string? mode, string? profile = null, Action<GpuSpec>? gpu = null)
    {
        var model = A.GpuModel(vendor: vendor);
        gpu?.Invoke(model.Spec.Hardware!.Gpu!);
        var sharing = mode is null ? null : new GpuSharingSpec { Mode = mode, Profile = profile };
        return (A.Service(with: s => s.Resources = new InferenceResources { GpuSharing = sharing }), model);
    }

    private static (InferenceService Service, Model Model) Shared(Action<GpuSharingSpec> with)
    {
        var (service, model) = Sharing(GpuVendors.Nvidia, GpuSharingModes.Shared);
        with(service.Spec.Resources!.GpuSharing!);
        return (service, model);
    }
}
