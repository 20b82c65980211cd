namespace LlmKube.Operator.Entities;

/// <summary>Kubernetes quantities as text.</summary>
public static class Quantities
{
    /// <summary>
    /// A quantity that is not negative: a decimal number with a decimal suffix (n, u, m, k, M, G, T, P, E), a binary one (Ki to
    /// Ei) or an exponent. Source: k8s.io/apimachinery/pkg/api/resource.
    /// </summary>
    public const string Pattern = @"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";
}
