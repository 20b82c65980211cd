using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>Makes ready what a container's process needs: its program, folders, variables, access; and takes its lines.</summary>
internal sealed class ContainerSetup
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly ContainerStart _start;
    private readonly PodSandbox _sandbox;
    private readonly NodeServices _node;
    private readonly string _folder;

    public ContainerSetup(ContainerStart start, PodSandbox sandbox, NodeServices node)
    {
        (_start, _sandbox, _node) = (start, sandbox, node);
        _folder = sandbox.FolderOf(start.Container);
        Termination = new(start.Container, Path.Combine(_folder, "termination-log"));
    }

    public string Address => _sandbox.Address;

    public TerminationLog Termination { get; }

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
                wait(e.Reason, e.Message);
                _node.Events.Warning(_start.Pod, Container, e.EventReason, e.Message);
                await Task.Delay(Pause, _node.Time, cancellation);
            }
        }
    }

    /// <summary>Takes a line of the process to the log.</summary>
    public ValueTask LineAsync(string line)
    {
        Termination.Line(line);
        return _node.Logs.WriteAsync(_start.Pod, Container.Name, line);
    }

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
        var volumes = await _sandbox.VolumesAsync(pod, _node.Volumes, cancellation);
        var variables = await ContainerEnvironment.BuildAsync(pod, Container, Address, _node.Objects, cancellation);
        variables.TryAdd("HOSTNAME", pod.Spec.Hostname is { Length: > 0 } host ? host : pod.Metadata.Name);
        var (kubeconfig, denied) = await _node.Access.GrantAsync(pod, _folder, cancellation);
        Termination.Reset();
        var rewriter = new Rewriter(Address, Folders(volumes));
        var launch = ContainerLaunch.Build(Container, image, variables, rewriter, HostVariables(kubeconfig));
        await _node.Logs.RestartAsync(pod, Container.Name);
        foreach (var line in Words(launch)) await SayAsync(line);
        if (denied is not null) await SayAsync(denied);
        return launch;
    }

    /// <summary>What programs of this machine need of their surroundings; their values are true here already.</summary>
    private Dictionary<string, string> HostVariables(string? kubeconfig)
    {
        var variables = new Dictionary<string, string> { ["HOME"] = _folder, ["TMPDIR"] = Path.Combine(_folder, "tmp") };
        foreach (var name in (string[])["PATH", "LANG", "LC_ALL", "DOTNET_ROOT"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) variables[name] = value;
        }

        if (kubeconfig is not null) variables["KUBECONFIG"] = kubeconfig;
        return variables;
    }

    private Dictionary<string, string> Folders(IReadOnlyDictionary<string, string> volumes)
    {
        var (inside, file) = Termination.Place;
        var folders = new Dictionary<string, string> { [inside] = file };
        foreach (var mount in Container.VolumeMounts ?? [])
        {
            if (!volumes.TryGetValue(mount.Name, out var path)) throw PodSetupException.Mount(mount.Name, "the pod has no volume of this name");
            if (mount.SubPath is { Length: > 0 } below)
            {
                path = PodVolumes.Within(path, below) ?? throw PodSetupException.Mount(mount.Name, $"subPath {below} leads out of the volume");
                Directory.CreateDirectory(path);
            }

            folders[mount.MountPath.Length > 1 ? mount.MountPath.TrimEnd('/') : mount.MountPath] = path;
        }

        return folders;
    }

    /// <summary>What is not as it would be in a cluster; the reader of the log is told first.</summary>
    private IEnumerable<string> Words(ContainerLaunch launch)
    {
        yield return $"image {Container.Image} is played by {launch.Program}";
        foreach (var (from, to) in launch.Rewriter.Used) yield return $"{from} is {to} here";
        foreach (var (resource, amount) in Container.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>())
        {
            if (!resource.Contains('/', StringComparison.Ordinal)) continue;
            var text = $"{resource}: {amount} is pretended: the process has this machine's CPUs and no such device";
            _node.Events.Normal(_start.Pod, Container, "PretendedDevice", text);
            yield return text;
        }
    }

    private ValueTask SayAsync(string words) => _node.Logs.WriteAsync(_start.Pod, Container.Name, $"[{_start.Pod.Spec.NodeName}] {words}");
}
