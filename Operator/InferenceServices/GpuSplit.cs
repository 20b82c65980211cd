using System.Globalization;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.InferenceServices;

/// <summary>How a model is divided among the GPUs of a pod, in the words of llama.cpp.</summary>
/// <param name="Mode">For <c>--split-mode</c>: layer or row.</param>
/// <param name="Shares">For <c>--tensor-split</c>: each GPU's share of the whole, in the order of the GPUs.</param>
internal sealed record GpuSplit(string Mode, IReadOnlyList<int> Shares)
{
    /// <summary>The split that a model asks for; null if there is nothing to divide.</summary>
    /// <param name="sharding">What the model says; ranges that can't be read are left out (the validator refuses them).</param>
    /// <param name="gpus">The GPUs of a pod.</param>
    public static GpuSplit? Of(GpuShardingSpec? sharding, int gpus)
    {
        if (gpus < 2) return null;
        var mode = sharding?.Strategy == ShardingStrategies.Tensor ? "row" : "layer";
        return sharding?.LayerSplit is { Count: > 0 } ranges
            ? new(mode, [.. ranges.Select(LayersOf).OfType<int>()])
            : new(mode, [.. Enumerable.Repeat(1, gpus)]);
    }

    /// <summary>The number of layers in a range such as <c>0-19</c>; null if it is none.</summary>
    public static int? LayersOf(string? range) =>
        range?.Split('-') is [var first, var last]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
        && to >= from && to < 100_000
            ? to - from + 1
            : null;
}
