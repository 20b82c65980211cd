using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Which image serves: the user's, the administrator's, or llama.cpp's own, and never one for CPUs where a GPU is held.</summary>
public sealed class ServerImagesTests
{
    private const string Digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly ServerImages s_mirrored = new() { Mirror = "registry.example:5000/mirror" };

    private static readonly ServerImages s_chosen = new()
    {
        Mirror = "registry.example/mirror",
        Chosen = new Dictionary<string, string> { ["cpu"] = "registry.example/llama:cpu", ["cuda"] = "registry.example/llama" + Digest },
    };

    private static readonly Dictionary<string, (ServerImages Images, string? Named, string? Vendor, string Want)> Stories = new()
    {
        ["none named, CPUs"] = (ServerImages.Default, null, null, "ghcr.io/ggml-org/llama.cpp:server"),
        ["an empty name"] = (ServerImages.Default, "", null, "ghcr.io/ggml-org/llama.cpp:server"),
        ["none named, a GPU"] = (ServerImages.Default, null, GpuVendors.Nvidia, "ghcr.io/ggml-org/llama.cpp:server-cuda"),
        ["the default named, a GPU"] = (ServerImages.Default, InferenceServiceDefaults.Image, GpuVendors.Amd, "ghcr.io/ggml-org/llama.cpp:server-rocm"),
        ["a mirror, CPUs"] = (s_mirrored, null, null, "registry.example:5000/mirror/llama.cpp:server"),
        ["a mirror, the default named"] = (s_mirrored, InferenceServiceDefaults.Image, null, "registry.example:5000/mirror/llama.cpp:server"),
        ["a mirror, a GPU"] = (s_mirrored, null, GpuVendors.Intel, "registry.example:5000/mirror/llama.cpp:server-intel"),
        ["the mirror's image for CPUs named, a GPU"] = (s_mirrored, "registry.example:5000/mirror/llama.cpp:server", GpuVendors.Nvidia, "registry.example:5000/mirror/llama.cpp:server-cuda"),
        ["another mirror's image for CPUs named, a GPU"] = (ServerImages.Default, "other.example/x/llama.cpp:server", GpuVendors.Nvidia, "other.example/x/llama.cpp:server-cuda"),
        ["a version for CPUs named, a GPU"] = (ServerImages.Default, "ghcr.io/ggml-org/llama.cpp:server-b4719", GpuVendors.Nvidia, "ghcr.io/ggml-org/llama.cpp:server-cuda-b4719"),
        ["a version for CPUs named, CPUs"] = (ServerImages.Default, "ghcr.io/ggml-org/llama.cpp:server-b4719", null, "ghcr.io/ggml-org/llama.cpp:server-b4719"),
        ["a digest for CPUs named, a GPU"] = (ServerImages.Default, "ghcr.io/ggml-org/llama.cpp:server" + Digest, GpuVendors.Nvidia, "ghcr.io/ggml-org/llama.cpp:server-cuda"),
        ["a version for the GPU named"] = (ServerImages.Default, "ghcr.io/ggml-org/llama.cpp:server-cuda-b4719", GpuVendors.Nvidia, "ghcr.io/ggml-org/llama.cpp:server-cuda-b4719"),
        ["an image of the user's own"] = (s_chosen, "registry.example/mine:1", GpuVendors.Nvidia, "registry.example/mine:1"),
        ["the administrator's choice, CPUs"] = (s_chosen, null, null, "registry.example/llama:cpu"),
        ["the administrator's choice, a GPU"] = (s_chosen, null, GpuVendors.Nvidia, "registry.example/llama" + Digest),
        ["the administrator's choice for CPUs named, a GPU"] = (s_chosen, "registry.example/llama:cpu", GpuVendors.Nvidia, "registry.example/llama" + Digest),
        ["of the others the mirror's"] = (s_chosen, null, GpuVendors.Amd, "registry.example/mirror/llama.cpp:server-rocm"),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void It_is_served_by(string story)
    {
        var (images, named, vendor, want) = Stories[story];
        var gpu = vendor is null ? null : GpuRequest.Of(new InferenceServiceSpec(), A.GpuModel(vendor: vendor).Spec);

        Assert.That(images.For(named, gpu), Is.EqualTo(want));
    }

    [Test]
    public void Pods_get_what_the_operator_was_started_with()
    {
        var seen = A.Seen() with { Options = new OperatorOptions { ServerImages = s_mirrored } };

        var deployment = ServiceDecider.Decide(seen).Actions.OfType<DesiredAction.Apply>().Select(a => a.Desired).OfType<V1Deployment>().Single();

        Assert.That(deployment.Spec.Template.Spec.Containers[0].Image, Is.EqualTo("registry.example:5000/mirror/llama.cpp:server"));
    }
}
