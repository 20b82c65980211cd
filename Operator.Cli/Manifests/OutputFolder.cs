namespace LlmKube.Operator.Cli.Manifests;

/// <summary>Puts manifests into a folder. A file that has not changed is not touched, so that builds stay incremental.</summary>
internal static class OutputFolder
{
    private static readonly string[] Generated = ["crds", "rbac"];
    private static readonly string[] Extensions = [".yaml", ".json"];

    /// <returns>The paths written or found unchanged, in order.</returns>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<ManifestFile> files, ManifestFormat format, bool clear)
    {
        var paths = files.ToDictionary(f => PathOf(folder, f, format), f => f);
        if (clear) Clear(folder, paths.Keys.ToHashSet(StringComparer.Ordinal));
        foreach (var (path, file) in paths)
        {
            var text = format.Write(file.Content);
            if (File.Exists(path) && File.ReadAllText(path) == text) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        return [.. paths.Keys];
    }

    private static string PathOf(string folder, ManifestFile file, ManifestFormat format)
    {
        var extension = file.Name == ManifestFile.Kustomization ? ".yaml" : format.Extension();
        return Path.GetFullPath(Path.Combine(folder, file.Path + extension));
    }

    // Only what this program could have written: a mistyped folder loses nothing else.
    private static void Clear(string folder, HashSet<string> keep)
    {
        var stale = Generated
            .Select(part => Path.Combine(Path.GetFullPath(folder), part))
            .Where(Directory.Exists)
            .SelectMany(part => Directory.GetFiles(part, "*", SearchOption.AllDirectories))
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && !keep.Contains(file));
        foreach (var file in stale) File.Delete(file);
    }
}
