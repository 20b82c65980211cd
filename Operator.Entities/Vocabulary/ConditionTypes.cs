namespace LlmKube.Operator.Entities;

/// <summary>The types of the conditions in status. Which kind has which is in its status' documentation.</summary>
public static class ConditionTypes
{
    /// <summary>A Model can be served; an InferenceService answers.</summary>
    public const string Available = "Available";

    /// <summary>Work is under way.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Something failed.</summary>
    public const string Degraded = "Degraded";

    /// <summary>False while pods wait for a GPU.</summary>
    public const string GPUAvailable = "GPUAvailable";

    /// <summary>Whether the model of an InferenceService fits into the memory of its GPUs, by estimate.</summary>
    public const string FitsGPU = "FitsGPU";

    /// <summary>Whether the servers of an InferenceService use the GPUs that they have, by their own words.</summary>
    public const string Accelerated = "Accelerated";

    /// <summary>The operator's own version or options ask for other pods of an InferenceService than there are.</summary>
    public const string UpgradePending = "UpgradePending";

    /// <summary>The cache volume ties the pods of an InferenceService to one node, where not all of them can run.</summary>
    public const string CacheSingleNode = "CacheSingleNode";

    /// <summary>A Model is being deleted, and pods still use its file.</summary>
    public const string InUse = "InUse";

    /// <summary>An object of the name that the operator needs belongs to someone else.</summary>
    public const string NameConflict = "NameConflict";
}
