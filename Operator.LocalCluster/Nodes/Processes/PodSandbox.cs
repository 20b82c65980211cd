using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What a pod's containers share: its address and its folder, with the volumes that live as long as it does.</summary>
internal sealed class PodSandbox(string address, string podUid, string folder) : IDisposable
{
    private readonly SemaphoreSlim _preparing = new(1);
    private readonly List<Task> _lives = [];
    private IReadOnlyDictionary<string, string>? _volumes;

    public string Address { get; } = address;

    public string PodUid { get; } = podUid;

    public string Folder { get; } = folder;

    /// <summary>A container's own folder: its home, its temporary files, its termination message.</summary>
    public string FolderOf(V1Container container) => Path.Combine(Folder, "containers", container.Name);

    /// <summary>The path of each volume, made when the first container asks; if that fails, the next one to ask tries again.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VolumesAsync(V1Pod pod, PodVolumes volumes, IReadOnlyDictionary<string, string> allocatable, CancellationToken cancellation)
    {
        await _preparing.WaitAsync(cancellation);
        try
        {
            return _volumes ??= await volumes.PrepareAsync(new(pod, Path.Combine(Folder, "volumes"), Address, allocatable), cancellation);
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>Remembers the life of a container, which has to end before the folder can go.</summary>
    public void Add(Task life)
    {
        lock (_lives)
        {
            _lives.RemoveAll(l => l.IsCompleted);
            _lives.Add(life);
        }
    }

    /// <summary>Ends when no container lives.</summary>
    public Task EndedAsync()
    {
        lock (_lives) return Task.WhenAll(_lives);
    }

    public void Dispose() => _preparing.Dispose();
}
