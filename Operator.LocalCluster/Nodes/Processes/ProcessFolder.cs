namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>The folder of <see cref="ProcessOptions"/>, held by one node at a time.</summary>
internal sealed class ProcessFolder : IDisposable
{
    // Says that what is below is ours to remove.
    private const string Marker = "llmkube-local-node";

    private readonly FileStream _held;

    /// <exception cref="IOException">It can't be used; the message says why.</exception>
    public ProcessFolder(ProcessOptions options)
    {
        Pods = Path.Combine(options.Folder, "pods");
        var marker = Path.Combine(options.Folder, Marker);
        try
        {
            Directory.CreateDirectory(options.Folder);
            if (!File.Exists(marker) && (Path.Exists(Pods) || Path.Exists(options.VolumeFolder))) throw new IOException($"it has {Path.GetFileName(Pods)} or {Path.GetFileName(options.VolumeFolder)} of someone else's.");
            _held = new(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {options.Folder} can't be used for pods: {e.Message}", new IOException(e.Message, e));
        }

        try
        {
            Remove(Pods);
            if (options.ClusterIsNew) Remove(options.VolumeFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _held.Dispose();
            throw new IOException($"What an earlier cluster left in {options.Folder} can't be removed: {e.Message}", new IOException(e.Message, e));
        }
    }

    /// <summary>Where pods have their folders, by uid.</summary>
    public string Pods { get; }

    public void Dispose() => _held.Dispose();

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
