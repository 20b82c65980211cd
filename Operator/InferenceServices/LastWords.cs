using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Reads in what a server has logged last why it ended.</summary>
internal static partial class LastWords
{
    private const int Longest = 300;

    /// <summary>The reason, if the words tell a better one than that the server ended.</summary>
    /// <remarks>
    /// As llama.cpp, its CUDA, ROCm and Vulkan backends and NVIDIA's container runtime say it. The texts of the first are recorded in the tests; the others are those of their sources
    /// (<c>ggml-cuda.cu</c>, <c>ggml-vulkan.cpp</c>, CUDA's <c>cudaGetErrorString</c>, <c>nvidia-container-cli</c>).
    /// </remarks>
    public static string? Reason(string? text) => text switch
    {
        null or "" => null,
        _ when Driver().IsMatch(text) => Reasons.DriverIncompatible,
        _ when GpuMemory().IsMatch(text) => Reasons.InsufficientGPUMemory,
        _ when Missing().IsMatch(text) => Reasons.ModelMissing,
        _ => null,
    };

    /// <summary>The line that matters, without times and ids: the first that tells of an error, as others follow from it; else the last. Null if there is none.</summary>
    public static string? Line(string? text)
    {
        var lines = (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? null : Lasting(Array.Find(lines, l => Error().IsMatch(l)) ?? lines[^1]);
    }

    /// <summary>Words without what differs from one time to the next.</summary>
    public static string Lasting(string line)
    {
        var lasting = Ids().Replace(Prefix().Replace(line, ""), "...");
        return lasting.Length > Longest ? lasting[..Longest] : lasting;
    }

    // "0.00.017.494 E cmn  common_init_: " by llama.cpp's own logger.
    [GeneratedRegex(@"^[0-9]+(\.[0-9]{2,3}){3} [A-Z] ((srv|cmn|slot|que|res) +)?")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]{2,3}){3} E |\b(error|failed|fatal|cannot|can't|unable|invalid|insufficient|aborted|terminate called|assert\w*|unsatisfied)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Error();

    [GeneratedRegex(
        @"driver version is insufficient|forward compatibility was attempted|unsupported display driver|unsatisfied condition: (cuda|driver|brand)|please update your driver|no kernel image is available|unsupported toolchain"
        + @"|lib(cuda|nvidia-ml|amdhip64|hsa-runtime64|ze_loader)\.so[.0-9]*: cannot open|no CUDA-capable device|no ROCm-capable device|Incompatible driver|ErrorIncompatibleDriver",
        RegexOptions.IgnoreCase)]
    private static partial Regex Driver();

    [GeneratedRegex(@"(cuda|hip)Malloc\w* failed: out of memory|(CUDA|ROCm|HIP) error: out of memory|failed to allocate (CUDA|ROCm|Vulkan|SYCL)[0-9]* buffer|ErrorOutOfDeviceMemory")]
    private static partial Regex GpuMemory();

    [GeneratedRegex(@"failed to open GGUF file .*\(No such file or directory\)")]
    private static partial Regex Missing();

    // A cache key, which is a folder, stays.
    [GeneratedRegex(@"\b(?!(?<=/)[0-9a-f]{16}/)([0-9a-f]{12,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")]
    private static partial Regex Ids();
}
