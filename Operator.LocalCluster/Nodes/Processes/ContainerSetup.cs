using System.Globalization;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>Makes ready what a container's process needs: its program, folders, variables, access; and takes its lines.</summary>
internal sealed class ContainerSetup
{
    private const string Loopback = "127.0.0.1,localhost";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // Where programs, languages, proxies and certificates are on this machine.
    private static readonly string[] s_inherited =
        ["PATH", "LANG", "LC_ALL", "DOTNET_ROOT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    private readonly ContainerStart _start;
    private readonly PodSandbox _sandbox;
    private readonly NodeServices _node;
    private readonly string _folder;

    public ContainerSetup(ContainerStart start, PodSandbox sandbox, NodeServices node)
    {
        (_start, _sandbox, _node) = (start, sandbox, node);
        _folder = sandbox.FolderOf(start.Container);
        Termination = new(start.Container, Path.Combine(_folder, "termination-log"));
        Mark = string.Create(CultureInfo.InvariantCulture, $"{node.Mark}/{start.Pod.Metadata.Uid}/{start.Container.Name}/{start.Attempt}");
    }

    public string Address => _sandbox.Address;

    public TerminationLog Termination { get; }

    /// <summary>By which the container's processes are known.</summary>
    public string Mark { get; }

    private V1Container Container => _start.Container;

    /// <summary>Tries until it succeeds: what is missing may come.</summary>
    /// <param name="wait">Told what it waits for: a reason and a message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FileNotFoundException">The program doesn't exist.</exception>
    public async Task<ContainerLaunch> PrepareAsync(Action<string, string> wait, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await OnceAsync(await ImageAsync(wait, cancellation), cancellation);
            }
            catch (PodSetupException e)
            {
                await LaterAsync(e.Reason, e.EventReason, e.Message);
            }
            catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
            {
                await LaterAsync("CreateContainerError", "Failed", e is HttpOperationException refused ? refused.Words() : e.Message);
            }
        }

        async Task LaterAsync(string reason, string eventReason, string message)
        {
            wait(reason, message);
            _node.Events.Warning(_start.Pod, Container, eventReason, message);
            await Task.Delay(Pause, _node.Time, cancellation);
        }
    }

    /// <summary>Takes a line of the process to the log.</summary>
    public void Line(string line)
    {
        Termination.Line(line);
        _node.Logs.Write(_start.Pod, Container.Name, line);
    }

    // The server is away, the disk is full: neither is the pod's fault.
    private static bool IsPassing(Exception e) =>
        e is HttpOperationException or HttpRequestException or OperationCanceledException or UnauthorizedAccessException || (e is IOException and not FileNotFoundException);

    /// <summary>What stands for an image doesn't change while the node runs, so one that has nothing waits for its end.</summary>
    private async Task<ImageProgram> ImageAsync(Action<string, string> wait, CancellationToken cancellation)
    {
        if (_node.Images.Find(Container.Image) is { } program) return program;
        var message = $"no program stands for image \"{Container.Image}\" on this node: start it with --image 'PATTERN=PROGRAM'";
        _node.Events.Warning(_start.Pod, Container, "Failed", $"Failed to pull image \"{Container.Image}\": {message}");
        wait("ErrImagePull", message);
        await Task.Delay(Pause, _node.Time, cancellation);
        wait("ImagePullBackOff", $"Back-off pulling image \"{Container.Image}\": ErrImagePull: {message}");
        await Task.Delay(Timeout.InfiniteTimeSpan, _node.Time, cancellation);
        throw new System.Diagnostics.UnreachableException();
    }

    private async Task<ContainerLaunch> OnceAsync(ImageProgram image, CancellationToken cancellation)
    {
        var pod = _start.Pod;
        Directory.CreateDirectory(Path.Combine(_folder, "tmp"));
        if (new[] { Container.StartupProbe, Container.LivenessProbe, Container.ReadinessProbe }.Any(p => p?.Grpc is not null)) throw PodSetupException.Configuration("this node has no gRPC probes");
        var allocatable = _node.AllocatableOf(pod.Spec.NodeName);
        var volumes = await _sandbox.VolumesAsync(pod, _node.Volumes, allocatable, cancellation);
        var variables = await ContainerEnvironment.BuildAsync(pod, Container, Address, allocatable, _node.Objects, cancellation);
        variables.TryAdd("HOSTNAME", pod.Spec.Hostname is { Length: > 0 } host ? host : pod.Metadata.Name);
        Termination.Reset();
        var rewriter = new Rewriter(Address, Folders(volumes, variables));
        var (kubeconfig, denied) = await _node.Access.GrantAsync(pod, _folder, cancellation);
        var launch = ContainerLaunch.Build(Container, image, variables, rewriter, HostVariables(kubeconfig));
        _node.Logs.Restart(pod, Container.Name);
        _node.Events.Normal(pod, Container, "Pulled", $"Container image \"{Container.Image}\" is played by {launch.Program}");
        Say($"image {Container.Image} is played by {launch.Program}");
        foreach (var (from, to) in launch.Rewriter.Used) Say($"{from} is {to} here");
        foreach (var device in PretendedDevices())
        {
            _node.Events.Normal(pod, Container, "PretendedDevice", device);
            Say(device);
        }

        if (denied is not null) Say(denied);
        return launch;
    }

    /// <summary>What programs of this machine need of their surroundings; their values are true here already.</summary>
    private Dictionary<string, string> HostVariables(string? kubeconfig)
    {
        var variables = new Dictionary<string, string> { ["HOME"] = _folder, ["TMPDIR"] = Path.Combine(_folder, "tmp") };
        foreach (var name in s_inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) variables[name] = value;
        }

        // Pods speak to each other and to the API server on loopback, which no proxy reaches.
        foreach (var name in (string[])["NO_PROXY", "no_proxy"])
        {
            variables[name] = variables.TryGetValue(name, out var direct) ? $"{direct},{Loopback}" : Loopback;
        }

        if (kubeconfig is not null) variables["KUBECONFIG"] = kubeconfig;
        return variables;
    }

    private Dictionary<string, string> Folders(IReadOnlyDictionary<string, string> volumes, IReadOnlyDictionary<string, string> variables)
    {
        var (inside, file) = Termination.Place;
        var folders = new Dictionary<string, string> { [inside] = file };
        foreach (var mount in Container.VolumeMounts ?? [])
        {
            if (!volumes.TryGetValue(mount.Name, out var path)) throw PodSetupException.Mount(mount.Name, "the pod has no volume of this name");
            var below = mount.SubPathExpr is { Length: > 0 } expression ? VariableExpansion.Expand(expression, variables) : mount.SubPath;
            if (below is { Length: > 0 })
            {
                path = PodVolumes.Within(path, below) ?? throw PodSetupException.Mount(mount.Name, $"subPath {below} leads out of the volume");
                if (!Path.Exists(path)) Directory.CreateDirectory(path);
            }

            folders[mount.MountPath.Length > 1 ? mount.MountPath.TrimEnd('/') : mount.MountPath] = path;
        }

        return folders;
    }

    private IEnumerable<string> PretendedDevices() => (Container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>())
        .Where(l => l.Key.Contains('/', StringComparison.Ordinal))
        .Select(l => $"{l.Key}: {l.Value} is pretended: the process has this machine's CPUs and no such device");

    /// <summary>What is not as it would be in a cluster; the reader of the log is told first.</summary>
    private void Say(string words) => _node.Logs.Write(_start.Pod, Container.Name, $"[{_start.Pod.Spec.NodeName}] {words}");
}
