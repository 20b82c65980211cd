namespace LlmKube.Operator.Fetching;

/// <summary>The files of a mounted Secret or ConfigMap: one for each of its keys. The kubelet replaces them all at once, so they are read anew each time.</summary>
internal static class MountedFiles
{
    /// <summary>The files, in the order of their names; none if the folder is not there. Kubelets keep the versions in folders beside them, whose names begin with two dots.</summary>
    public static IReadOnlyList<string> In(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Where(f => !Path.GetFileName(f).StartsWith("..", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The text of one key, without the end of line that editors leave behind; null if there is no such key, or nothing in it.</summary>
    /// <exception cref="IOException">It is there and can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? Text(string folder, string key)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, key)).TrimEnd('\r', '\n') is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
