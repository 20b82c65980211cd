using System.Globalization;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The command line of llama.cpp's server, in the Go operator's (LLMKube) order.</summary>
internal static class ServerArguments
{
    // More layers than any model has: llama.cpp offloads them all.
    private const int AllLayers = 99;

    /// <summary>The arguments.</summary>
    /// <param name="spec">What is to be served how.</param>
    /// <param name="model">The hardware side.</param>
    /// <param name="path">The weights' path in the pod.</param>
    /// <param name="gpu">The GPUs of the pod; null: none.</param>
    public static IList<string> Of(InferenceServiceSpec spec, ModelSpec model, string path, GpuRequest? gpu)
    {
        List<string> args = ["--model", ContainerText.Literal(path), "--host", "0.0.0.0", "--port", Text(PortOf(spec))];
        if (gpu is not null)
        {
            args.AddRange("--n-gpu-layers", Text(model.Hardware?.Gpu?.Layers is > 0 and var layers ? layers : AllLayers));
            if (GpuSplit.Of(model.Hardware?.Gpu?.Sharding, gpu.Count) is { } split)
            {
                args.AddRange("--split-mode", split.Mode, "--tensor-split", string.Join(',', split.Shares));
            }
        }

        if (spec.ContextSize is > 0 and var context) args.AddRange("--ctx-size", Text(context));
        if (spec.ParallelSlots is > 1 and var slots) args.AddRange("--parallel", Text(slots));
        if (gpu is not null && spec.FlashAttention is true) args.AddRange("--flash-attn", "on");
        if (spec.CacheTypeK is { Length: > 0 } keys) args.AddRange("--cache-type-k", keys);
        if (spec.CacheTypeV is { Length: > 0 } values) args.AddRange("--cache-type-v", values);
        if (spec.Jinja is true) args.Add("--jinja");
        args.Add("--metrics");
        return args;
    }

    /// <summary>The port that server and Service listen on.</summary>
    public static int PortOf(InferenceServiceSpec spec) => spec.Endpoint?.Port ?? InferenceServiceDefaults.Port;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
