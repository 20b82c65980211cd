namespace LlmKube.Operator.Entities;

/// <summary>How long the weights that the pods of an <see cref="InferenceService"/> use stay.</summary>
public static class CachePersistences
{
    /// <summary>In a volume, for all pods.</summary>
    public const string Cached = "Cached";

    /// <summary>In each pod, for as long as it lives.</summary>
    public const string Ephemeral = "Ephemeral";
}
