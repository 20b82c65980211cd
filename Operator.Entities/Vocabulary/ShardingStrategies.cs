namespace LlmKube.Operator.Entities;

/// <summary>Ways to split a model across GPUs.</summary>
public static class ShardingStrategies
{
    /// <summary>Whole layers.</summary>
    public const string Layer = "layer";

    /// <summary>The rows of each tensor.</summary>
    public const string Tensor = "tensor";

    /// <summary>Stages of layers.</summary>
    public const string Pipeline = "pipeline";
}
