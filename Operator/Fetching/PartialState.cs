namespace LlmKube.Operator.Fetching;

/// <summary>What the partial file is a prefix of.</summary>
/// <param name="SourceKey">The source's cache key.</param>
/// <param name="Validator">The version of the source; null: it can't be resumed.</param>
/// <param name="Total">The announced length, where there was one.</param>
/// <param name="Durable">So many bytes are on the disk for certain.</param>
/// <param name="Boot">The boot of the kernel that wrote: under another one, bytes beyond <paramref name="Durable"/> may never have reached the disk.</param>
internal sealed record PartialState(string SourceKey, string? Validator, long? Total, long Durable, string Boot)
{
    /// <summary>The running kernel's boot; empty where there is none to be had.</summary>
    public static string CurrentBoot { get; } = File.Exists(BootFile) ? File.ReadAllText(BootFile).Trim() : "";

    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The point from which a fetch can go on; null: from zero.</summary>
    /// <param name="paths">The artefact's files.</param>
    /// <param name="sourceKey">The source that is wanted.</param>
    public static ResumePoint? Resumable(ArtifactPaths paths, string sourceKey)
    {
        var partial = new FileInfo(paths.Partial);
        if (!partial.Exists || JsonFile.TryRead<PartialState>(paths.PartialState) is not { Validator: { } validator } state) return null;
        if (state.SourceKey != sourceKey) return null;
        var trusted = state.Boot == CurrentBoot && CurrentBoot.Length > 0 ? partial.Length : Math.Min(partial.Length, state.Durable);
        return trusted > 0 ? new ResumePoint(trusted, validator, state.Total) : null;
    }
}
