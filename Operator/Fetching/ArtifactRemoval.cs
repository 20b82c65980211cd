namespace LlmKube.Operator.Fetching;

/// <summary>Takes an artefact out of a cache: its own files by their names, and nothing else. It may be stopped at any point and begun again.</summary>
internal static class ArtifactRemoval
{
    /// <summary>Removes it.</summary>
    /// <param name="target">The served file's path.</param>
    /// <param name="files">The files of a repository, if the source was one; the first is served.</param>
    /// <param name="patience">How long to wait for a process that writes the artefact.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="FetchFailure">It can't be removed now.</exception>
    public static async Task<FetchReport> RunAsync(string target, IReadOnlyList<string> files, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var served = new ArtifactPaths(target);
        try
        {
            if (!Directory.Exists(served.Folder)) return new() { Complete = true };
            IReadOnlyList<string> names = files.Count > 0 ? [.. files.SelectMany(ArtifactPlan.WholeOf).Distinct()] : ArtifactPlan.WholeOf(Path.GetFileName(target));
            var folder = Downloader.FolderOf(target, names[0]);
            using (await ArtifactLock.AcquireAsync(served, patience, time, cancellationToken))
            {
                foreach (var name in names) Remove(new(Path.Combine(folder, name)));
            }

            RemoveEmpty(folder, names);
            return new() { Complete = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFailure.Of(e);
        }
    }

    // The proof goes first: what is left of the rest after a stop counts for nothing.
    private static void Remove(ArtifactPaths paths)
    {
        if (!Directory.Exists(paths.Folder)) return;
        string[] own = [paths.Marker, paths.Final, paths.PartialState, paths.Partial, paths.Marker + JsonFile.UnfinishedSuffix, paths.PartialState + JsonFile.UnfinishedSuffix];
        foreach (var file in own) File.Delete(file);
        Durable.SyncFolderOf(paths.Final);
    }

    // Deepest first; one that holds something is somebody else's as well. The lock stays: a fetch that waits for it would else lock a file that nobody finds.
    private static void RemoveEmpty(string folder, IEnumerable<string> names)
    {
        var folders = names.SelectMany(n => Ancestors(Path.GetDirectoryName(n) ?? "")).Distinct().OrderByDescending(f => f.Length).Select(f => Path.Combine(folder, f)).Append(folder);
        foreach (var empty in folders.Where(f => Directory.Exists(f) && !Directory.EnumerateFileSystemEntries(f).Any())) Directory.Delete(empty);
    }

    private static IEnumerable<string> Ancestors(string relative)
    {
        for (var at = relative; at.Length > 0; at = Path.GetDirectoryName(at) ?? "") yield return at;
    }
}
