namespace LlmKube.Operator.Entities;

/// <summary>Kinds of acceleration.</summary>
public static class Accelerators
{
    /// <summary>None.</summary>
    public const string Cpu = "cpu";

    /// <summary>Apple's; served by an agent outside the cluster.</summary>
    public const string Metal = "metal";

    /// <summary>NVIDIA's.</summary>
    public const string Cuda = "cuda";

    /// <summary>AMD's.</summary>
    public const string Rocm = "rocm";

    /// <summary>Intel's.</summary>
    public const string Intel = "intel";
}
