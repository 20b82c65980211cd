using System.Runtime.InteropServices;

namespace LlmKube.Operator.Fetching;

/// <summary>Makes a rename survive a power cut: a folder's entries are written when the folder is synced. .NET opens no folders, so by libc.</summary>
internal static class Durable
{
    /// <summary>Syncs the folder that a file is in. File systems that can't are left to do as they do.</summary>
    public static void SyncFolderOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        var folder = open(Path.GetDirectoryName(Path.GetFullPath(path))!, 0);
        if (folder < 0) return;
        _ = fsync(folder);
        _ = close(folder);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int file);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int file);
}
