namespace LlmKube.Operator.Entities;

/// <summary>The cache of model files, one volume claim per namespace.</summary>
public static class CacheDefaults
{
    /// <summary>The name of the claim.</summary>
    public const string ClaimName = "llmkube-model-cache";

    /// <summary>Where pods see it.</summary>
    public const string MountPath = "/models";

    /// <summary>The size asked for.</summary>
    public const string Size = "100Gi";

    /// <summary>The access mode asked for.</summary>
    public const string AccessMode = "ReadWriteOnce";
}
