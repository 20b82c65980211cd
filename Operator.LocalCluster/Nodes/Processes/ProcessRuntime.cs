using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What the containers of a node use.</summary>
/// <param name="Caches">The cluster as it is seen.</param>
/// <param name="Images">What stands for images.</param>
/// <param name="Objects">What pods take from the API.</param>
/// <param name="Volumes">Makes volumes.</param>
/// <param name="Access">Gives pods access to the API server.</param>
/// <param name="Logs">Takes their lines.</param>
/// <param name="Events">Takes what is to be said of them.</param>
/// <param name="Mark">What the marks of its containers' processes begin with.</param>
/// <param name="AllocatableOf">What a node can give.</param>
/// <param name="Http">For probes: each request connects anew, certificates are not checked, as the kubelet does it.</param>
internal sealed record NodeServices(
    ClusterCaches Caches, ImagePrograms Images, PodObjects Objects, PodVolumes Volumes, ServiceAccountAccess Access, PodLogWriter Logs, PodEvents Events, string Mark,
    Func<string, IReadOnlyDictionary<string, string>> AllocatableOf, HttpMessageInvoker Http)
{
    public TimeProvider Time => Caches.Time;

    public DateTime Now => Caches.Now;
}

/// <summary>Runs containers as processes of this machine, each pod with an address of its own. It isolates nothing.</summary>
internal sealed partial class ProcessRuntime : IContainerRuntime, IAsyncDisposable
{
    private readonly NodeServices _node;
    private readonly LoopbackNetwork _network;
    private readonly HeldFolder _folder;
    private readonly string _pods;
    private readonly NodeWatchdog _watchdog;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PodSandbox> _sandboxes = [];
    private readonly List<Task> _endings = [];

    /// <exception cref="CannotRunException">The folder can't be used, or this system can't.</exception>
    public ProcessRuntime(NodesOptions options, ProcessOptions processes, ClusterCaches caches, LoopbackNetwork network, PodLogWriter logs, ILogger logger)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(RunningProcess.OwnSession)) throw new CannotRunException($"Pods as processes need Linux with {RunningProcess.OwnSession} (util-linux).");
        _pods = Path.Combine(processes.Folder, "pods");
        string[] ours = [_pods, processes.VolumeFolder];
        _folder = HeldFolder.Take(processes.Folder, "llmkube-local-node", ours, processes.ClusterIsNew ? ours : [_pods]);
        _logger = logger;
        var objects = new PodObjects(caches);
        Events = new(caches, logger);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, AllowAutoRedirect = false, UseProxy = false };
#pragma warning disable CA5359 // Pods have no certificates that anyone could check.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        var access = new ServiceAccountAccess(caches.Api, options.Cluster);
        var mark = Guid.NewGuid().ToString("n");
        _watchdog = new(mark);
        _node = new(
            caches, new(processes.Images), objects, new(objects, new(objects, access)), access, logs, Events, mark,
            name => options.Fleet.Find(name)?.Allocatable ?? new Dictionary<string, string>(), new HttpMessageInvoker(handler));
        _network = network;
    }

    public string Kind => "processes";

    public PodEvents Events { get; }

    public string AddressOf(V1Pod pod) => SandboxOf(pod).Address;

    public IContainerRun Start(ContainerStart start)
    {
        var sandbox = SandboxOf(start.Pod);
        var run = ProcessContainer.Start(start, sandbox, _node);
        sandbox.Add(run.Life);
        return run;
    }

    public void Release(V1Pod pod)
    {
        lock (_gate)
        {
            if (!_sandboxes.Remove(pod.Metadata.Uid, out var sandbox)) return;
            _endings.RemoveAll(e => e.IsCompletedSuccessfully);
            _endings.Add(Task.Run(() => CleanAsync(sandbox)));
        }
    }

    public void BackingOff(V1Pod pod, V1Container container) =>
        Events.Warning(pod, container, "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})");

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
        await _watchdog.DisposeAsync();
        _node.Http.Dispose();
        _folder.Dispose();
    }

    private PodSandbox SandboxOf(V1Pod pod)
    {
        lock (_gate)
        {
            if (!_sandboxes.TryGetValue(pod.Metadata.Uid, out var sandbox))
            {
                _sandboxes[pod.Metadata.Uid] = sandbox = new(_network.TakePodAddress(), pod.Metadata.Uid, Path.Combine(_pods, pod.Metadata.Uid));
            }

            return sandbox;
        }
    }

    private async Task CleanAsync(PodSandbox sandbox)
    {
        await sandbox.EndedAsync();
        sandbox.Dispose();
        _network.ReturnPodAddress(sandbox.Address);
        Events.Forget(sandbox.PodUid);
        try
        {
            if (Directory.Exists(sandbox.Folder)) Directory.Delete(sandbox.Folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container may have left what its user can't remove; the next start tries again.
            LogLeft(_logger, sandbox.Folder, e.Message);
        }
    }

    [LoggerMessage(2421, LogLevel.Warning, "The files of a pod that is gone stay in {Folder}: {Cause}")]
    private static partial void LogLeft(ILogger logger, string folder, string cause);
}
