namespace LlmKube.Operator.LocalCluster.Access;

/// <summary>Files that hold secrets: nobody but their owner can read them.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="content">What it holds.</param>
    /// <param name="mode">More than reading and writing for the owner.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = Owner)
    {
        File.Delete(path); // The mode is that of a new file.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode | Owner;
        using var file = new FileStream(path, options);
        file.Write(content);
    }
}
