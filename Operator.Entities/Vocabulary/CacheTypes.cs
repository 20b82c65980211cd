namespace LlmKube.Operator.Entities;

/// <summary>How llama.cpp's server can keep the keys and values of its context.</summary>
public static class CacheTypes
{
    /// <summary>16 bits for each number.</summary>
    public const string F16 = "f16";

    /// <summary>32 bits for each number.</summary>
    public const string F32 = "f32";

    /// <summary>Blocks of 32 numbers in 34 bytes.</summary>
    public const string Q80 = "q8_0";

    /// <summary>Blocks of 32 numbers in 18 bytes.</summary>
    public const string Q40 = "q4_0";

    /// <summary>Blocks of 32 numbers in 20 bytes.</summary>
    public const string Q41 = "q4_1";

    /// <summary>Blocks of 32 numbers in 22 bytes.</summary>
    public const string Q50 = "q5_0";

    /// <summary>Blocks of 32 numbers in 24 bytes.</summary>
    public const string Q51 = "q5_1";

    /// <summary>Blocks of 32 numbers in 18 bytes, not linear.</summary>
    public const string Iq4Nl = "iq4_nl";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [F16, F32, Q80, Q40, Q41, Q50, Q51, Iq4Nl];
}
