using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What the containers of a node use.</summary>
/// <param name="Caches">The cluster as it is seen.</param>
/// <param name="Images">What stands for images.</param>
/// <param name="Objects">What pods take from the API.</param>
/// <param name="Volumes">Makes volumes.</param>
/// <param name="Access">Gives pods access to the API server.</param>
/// <param name="Logs">Takes their lines.</param>
/// <param name="Events">Takes what is to be said of them.</param>
/// <param name="Http">For probes: each request connects anew, certificates are not checked, as the kubelet does it.</param>
internal sealed record NodeServices(
    ClusterCaches Caches, ImagePrograms Images, PodObjects Objects, PodVolumes Volumes, ServiceAccountAccess Access, PodLogWriter Logs, PodEvents Events, HttpMessageInvoker Http)
{
    public TimeProvider Time => Caches.Time;

    public DateTime Now => Caches.Now;
}

/// <summary>Runs containers as processes of this machine, each pod with an address of its own. It isolates nothing.</summary>
internal sealed class ProcessRuntime : IContainerRuntime, IAsyncDisposable
{
    private readonly NodeServices _node;
    private readonly LoopbackNetwork _network;
    private readonly string _pods;
    private readonly FileStream _lock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PodSandbox> _sandboxes = [];
    private readonly List<Task> _endings = [];

    /// <exception cref="IOException">The folder can't be used, or another node uses it.</exception>
    public ProcessRuntime(ProcessOptions options, KubernetesClientConfiguration? cluster, ClusterCaches caches, LoopbackNetwork network, PodLogWriter logs, ILogger logger)
    {
        var objects = new PodObjects(caches);
        Events = new(caches, logger);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, AllowAutoRedirect = false, UseProxy = false };
#pragma warning disable CA5359 // Pods have no certificates that anyone could check.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        _node = new(caches, new(options.Images), objects, new(objects), new(caches.Api, cluster), logs, Events, new HttpMessageInvoker(handler));
        _network = network;
        var folder = Directory.CreateDirectory(options.Folder).FullName;
        _lock = Lock(folder);
        _pods = Path.Combine(folder, "pods");
        if (Directory.Exists(_pods)) Directory.Delete(_pods, recursive: true);
    }

    public string Kind => "processes";

    public PodEvents Events { get; }

    public string AddressOf(V1Pod pod) => SandboxOf(pod).Address;

    public IContainerRun Start(ContainerStart start)
    {
        var sandbox = SandboxOf(start.Pod);
        var run = new ProcessContainer(start, sandbox, _node);
        sandbox.Add(run.Life);
        return run;
    }

    public void Release(V1Pod pod)
    {
        lock (_gate)
        {
            if (!_sandboxes.Remove(pod.Metadata.Uid, out var sandbox)) return;
            _endings.RemoveAll(e => e.IsCompletedSuccessfully);
            _endings.Add(CleanAsync(sandbox));
        }

        Events.Forget(pod);
    }

    /// <summary>Ends when no process is left; whoever disposes has stopped all containers.</summary>
    public async ValueTask DisposeAsync()
    {
        List<PodSandbox> left;
        lock (_gate)
        {
            left = [.. _sandboxes.Values];
            _sandboxes.Clear();
        }

        await Task.WhenAll([.. left.Select(CleanAsync), .. _endings]);
        _node.Http.Dispose();
        await _lock.DisposeAsync();
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new(Path.Combine(folder, "lock"), FileMode.Create, FileAccess.Write, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} can't be used for processes; does another cluster use it? {e.Message}", e);
        }
    }

    private PodSandbox SandboxOf(V1Pod pod)
    {
        lock (_gate)
        {
            if (!_sandboxes.TryGetValue(pod.Metadata.Uid, out var sandbox))
            {
                _sandboxes[pod.Metadata.Uid] = sandbox = new(_network.TakePodAddress(), Path.Combine(_pods, pod.Metadata.Uid));
            }

            return sandbox;
        }
    }

    private async Task CleanAsync(PodSandbox sandbox)
    {
        await sandbox.EndedAsync();
        sandbox.Dispose();
        _network.ReturnPodAddress(sandbox.Address);
        if (Directory.Exists(sandbox.Folder)) Directory.Delete(sandbox.Folder, recursive: true);
    }
}
