using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>How much of the model is on GPUs, by the servers' own words when they had loaded it.</summary>
public sealed record AccelerationStatus
{
    /// <summary>The GPUs that a server uses, in its own words, such as "CUDA0 (NVIDIA GeForce RTX 3090)". Absent if it uses none, or doesn't name them.</summary>
    public string? Device { get; set; }

    /// <summary>Layers of the model that are on GPUs.</summary>
    [RangeMinimum(0)]
    public int? LayersOffloaded { get; set; }

    /// <summary>All layers of the model as the server counts them, which is with its output layer. Absent if it found no GPU and so did not count them.</summary>
    [RangeMinimum(0)]
    public int? LayersTotal { get; set; }

    /// <summary>The names of the serving pods of which this is true: of pods that differ, those with the fewest layers on GPUs.</summary>
    [XListType(XListType.Set)]
    public IList<string>? Pods { get; set; }
}
