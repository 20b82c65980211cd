namespace LlmKube.Operator.Entities;

/// <summary>What the pods of the operator's Jobs are for, the values of <see cref="Labels.Purpose"/>.</summary>
public static class Purposes
{
    /// <summary>To bring a source into a cache.</summary>
    public const string Fetch = "fetch";

    /// <summary>To prove a file where it lies.</summary>
    public const string Verify = "verify";

    /// <summary>To take an artefact out of a cache.</summary>
    public const string Remove = "remove";
}
