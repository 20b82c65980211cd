namespace LlmKube.Operator.Entities;

/// <summary>Names of objects.</summary>
public static class Names
{
    /// <summary>The longest name of a Service and value of a label.</summary>
    public const int MaxLabelLength = 63;

    /// <summary>A DNS subdomain (RFC 1123), which the names of most kinds are.</summary>
    public const string SubdomainPattern = @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
}
