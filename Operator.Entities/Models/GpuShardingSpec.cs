using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>How a model is split across the GPUs of one replica.</summary>
public sealed record GpuShardingSpec
{
    /// <summary>
    /// What is spread over the GPUs: layer (whole layers), tensor (the rows of each tensor, llama.cpp's --split-mode row) or
    /// pipeline (stages of layers, which llama.cpp does by layer). Default: layer.
    /// </summary>
    [EnumValues(ShardingStrategies.Layer, ShardingStrategies.Tensor, ShardingStrategies.Pipeline)]
    [DefaultValue(ShardingStrategies.Layer)]
    public string? Strategy { get; set; }

    /// <summary>
    /// The layers of each GPU in order, as ranges such as "0-19" and "20-39", one for each GPU. Their lengths are the GPUs' shares.
    /// Without it the GPUs share equally. At most 8 entries.
    /// </summary>
    [Items(maxItems: 8)]
    public IList<string>? LayerSplit { get; set; }
}
