namespace LlmKube.Operator.Entities;

/// <summary>When a <see cref="Model"/>'s source is looked at again.</summary>
public static class RefreshPolicies
{
    /// <summary>Never, once the file is there.</summary>
    public const string IfNotPresent = "IfNotPresent";

    /// <summary>When the source has changed.</summary>
    public const string OnChange = "OnChange";
}
