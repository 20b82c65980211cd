namespace LlmKube.Operator.Entities;

/// <summary>Ways to have a GPU.</summary>
public static class GpuSharingModes
{
    /// <summary>For oneself.</summary>
    public const string Exclusive = "exclusive";

    /// <summary>With others at the same time.</summary>
    public const string Shared = "shared";

    /// <summary>A part of it, kept apart by the hardware.</summary>
    public const string Partitioned = "partitioned";
}

/// <summary>What holds for how GPUs are had, in CEL and in words.</summary>
public static class GpuSharingRules
{
    /// <summary>A MIG profile as NVIDIA's device plugin writes it: compute slices, memory, and for the one with media extensions "me".</summary>
    public const string ProfilePattern = @"^([1-9]g\.[1-9][0-9]{0,3}gb(\.me)?)?$";

    /// <summary>The name of an extended resource, or the key of a taint that is called like one.</summary>
    public const string ResourcePattern = @"^[a-z0-9.\-]+/[a-z0-9._\-]+$";

    /// <summary>Why a profile stands alone.</summary>
    public const string ProfileWords = "profile goes with mode partitioned only";

    /// <summary>Why a memory limit stands alone.</summary>
    public const string MemoryLimitWords = "memoryLimitGiB goes with mode shared only";

    internal const string Profile = "!has(self.profile) || self.profile == '' || (has(self.mode) && self.mode == 'partitioned')";

    internal const string MemoryLimit = "!has(self.memoryLimitGiB) || (has(self.mode) && self.mode == 'shared')";
}
