using System.Globalization;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The command line of llama.cpp's server, in the Go operator's (LLMKube) order, with the user's own arguments last.</summary>
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
        foreach (var (flag, values) in Own(spec, model, gpu).ExceptBy(GivenBy(spec), own => own.Flag)) args.AddRange([flag, .. values]);
        args.AddRange(spec.ExtraArgs ?? []);
        return args;
    }

    /// <summary>The port that server and Service listen on.</summary>
    public static int PortOf(InferenceServiceSpec spec) => spec.Endpoint?.Port ?? InferenceServiceDefaults.Port;

    private static IEnumerable<(string Flag, string[] Values)> Own(InferenceServiceSpec spec, ModelSpec model, GpuRequest? gpu)
    {
        if (gpu is not null)
        {
            yield return (ServerFlags.GpuLayers, [Text(model.Hardware?.Gpu?.Layers is > 0 and var layers ? layers : AllLayers)]);
            if (GpuSplit.Of(model.Hardware?.Gpu?.Sharding, gpu.Count) is { } split)
            {
                yield return (ServerFlags.SplitMode, [split.Mode]);
                yield return (ServerFlags.TensorSplit, [string.Join(',', split.Shares)]);
            }
        }

        if (spec.ContextSize is > 0 and var context) yield return (ServerFlags.CtxSize, [Text(context)]);
        if (spec.ParallelSlots is > 1 and var slots) yield return (ServerFlags.Parallel, [Text(slots)]);
        if (gpu is not null && spec.FlashAttention is true) yield return (ServerFlags.FlashAttn, ["on"]);
        if (spec.CacheTypeK is { Length: > 0 } keys) yield return (ServerFlags.CacheTypeK, [keys]);
        if (spec.CacheTypeV is { Length: > 0 } values) yield return (ServerFlags.CacheTypeV, [values]);
        if (spec.BatchSize is { } batch) yield return (ServerFlags.BatchSize, [Text(batch)]);
        if (spec.UBatchSize is { } microBatch) yield return (ServerFlags.UBatchSize, [Text(microBatch)]);
        if (spec.NoWarmup is true) yield return (ServerFlags.NoWarmup, []);
        if (spec.Alias is { Length: > 0 } alias) yield return (ServerFlags.Alias, [alias]);
        if (spec.Jinja is true) yield return (ServerFlags.Jinja, []);
        yield return (ServerFlags.Metrics, []);
    }

    private static IEnumerable<string> GivenBy(InferenceServiceSpec spec) => (spec.ExtraArgs ?? []).Select(ServerFlags.Of).OfType<string>();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
