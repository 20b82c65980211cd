namespace LlmKube.Operator.Metrics;

/// <summary>Where a model's bytes come from.</summary>
internal enum SourceType
{
    /// <summary>Over the network.</summary>
    Remote,

    /// <summary>A path of the node or of a volume.</summary>
    Local,
}
