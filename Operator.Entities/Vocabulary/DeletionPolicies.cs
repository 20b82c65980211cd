namespace LlmKube.Operator.Entities;

/// <summary>What becomes of a file when its <see cref="Model"/> is deleted.</summary>
public static class DeletionPolicies
{
    /// <summary>It stays in the cache.</summary>
    public const string Retain = "Retain";

    /// <summary>It is removed, unless another Model has the same source.</summary>
    public const string Delete = "Delete";
}
