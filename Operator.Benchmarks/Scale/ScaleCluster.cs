using System.Globalization;
using System.Net;
using System.Reflection;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Scheduling;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Where a scale run is made, and of what.</summary>
/// <param name="Kubeconfig">The kubeconfig of an existing cluster; null: a cluster is made here.</param>
/// <param name="OperatorProgram">The operator's assembly.</param>
/// <param name="Idle">How long to watch for writes once all is at rest.</param>
internal sealed record ScaleSetting(string? Kubeconfig, string OperatorProgram, TimeSpan Idle);

/// <summary>
/// The cluster that a run works on: one in this process whose pods only pretend to run, or the one that a kubeconfig names. One without nodes gets controllers, scheduler and
/// pretending nodes from here; one with nodes is taken to have all of that. The run has a namespace of its own, and in the end nothing of it is left.
/// </summary>
internal sealed class ScaleCluster : IAsyncDisposable
{
    private const int Nodes = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string s_deploy = Path.Combine(typeof(ScaleCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!, "deploy");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scale-");
    private readonly CancellationTokenSource _stop = new();
    private readonly NodeFleet _fleet;
    private readonly List<Task> _parts = [];
    private readonly List<Kubernetes> _clients = [];
    private readonly List<Func<Task>> _undo = [];
    private LocalClusterHost? _local;

    private ScaleCluster(string program, int pairs) => (OperatorProgram, _fleet) = (program, new NodeFleet(Enumerable.Range(1, Nodes).Select(i => NodeFor($"scale-{i}", pairs))));

    /// <summary>The operator's program.</summary>
    public string OperatorProgram { get; }

    /// <summary>A kubeconfig for it.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>The run's own namespace.</summary>
    public string Namespace { get; } = $"scale-{Guid.NewGuid():n}"[..14];

    /// <summary>Where operators log.</summary>
    public string OperatorLog => Path.Combine(_folder.FullName, "operator.log");

    /// <summary>Flags that suit operators to it.</summary>
    public IReadOnlyList<string> OperatorFlags { get; private set; } = [];

    public Kubernetes Client { get; private set; } = null!;

    /// <summary>How to reach it.</summary>
    public KubernetesClientConfiguration Configuration => KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig);

    /// <summary>Starts it.</summary>
    /// <param name="setting">Where, and with which operator.</param>
    /// <param name="pairs">How many pairs have to fit.</param>
    public static async Task<ScaleCluster> StartAsync(ScaleSetting setting, int pairs)
    {
        var cluster = new ScaleCluster(setting.OperatorProgram, pairs);
        try
        {
            await cluster.StartAsync(setting.Kubeconfig);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_local is null) await UndoAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients) client.Dispose();
        if (_local is not null) await _local.DisposeAsync();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(string? kubeconfig)
    {
        var rules = new PodRules();
        rules.Add(FetchSucceeds());
        rules.Add(new PodRule { Container = DeploymentBuilder.Container, LogLines = ["load_tensors: offloaded 33/33 layers to GPU"] });
        var controllers = new ControllersOptions { VolumeFolder = Path.Combine(_folder.FullName, "volumes") };
        if (kubeconfig is null)
        {
            _local = await LocalClusterHost.StartAsync(new() { Rules = rules, Fleet = _fleet, Controllers = controllers, ApiServer = new() { RequestsKept = 0 } });
            Kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
            _local.ApiServer.WriteKubeconfig(Kubeconfig);
        }
        else
        {
            Kubeconfig = Path.GetFullPath(kubeconfig);
        }

        Client = Connect();
        var isBare = kubeconfig is not null && (await Client.CoreV1.ListNodeAsync(limit: 1)).Items.Count == 0;
        if (isBare) StartParts(rules, controllers);
        await InstallAsync();
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = Namespace } });
        _undo.Add(EmptyAsync);

        // On a shared cluster, other people's Models are none of our business.
        List<string> flags = _local is null ? ["--namespace", Namespace] : [];
        if (_local is not null || isBare) flags.AddRange(["--model-cache-storage-class=shared", "--model-cache-access-mode=ReadWriteMany"]);
        OperatorFlags = flags;
    }

    private Kubernetes Connect()
    {
        var client = new Kubernetes(Configuration, new WholeAnswers());
        _clients.Add(client);
        return client;
    }

    private void StartParts(PodRules rules, ControllersOptions controllers)
    {
        _parts.Add(ControllersHost.RunAsync(Connect(), controllers, _stop.Token));
        _parts.Add(SchedulerHost.RunAsync(Connect(), new(), _stop.Token));
        _parts.Add(NodesHost.RunAsync(Connect(), new() { Fleet = _fleet, Rules = rules }, _stop.Token));
        _undo.Add(async () =>
        {
            var ours = _fleet.Names;
            foreach (var node in ours) _fleet.Remove(node);
            await Until.TrueAsync(async () => (await Client.CoreV1.ListNodeAsync()).Items.All(n => !ours.Contains(n.Metadata.Name)), "the nodes are gone", Patience);
        });
    }

    private async Task InstallAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(s_deploy, "crds"), "inference.*.yaml"))
        {
            var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            var name = definition.Metadata.Name;
            if (!await CreatedAsync(() => Client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(definition))) continue;
            _undo.Add(() => Client.ApiextensionsV1.DeleteCustomResourceDefinitionAsync(name));
            await Until.TrueAsync(
                async () => (await Client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(name)).Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true,
                $"{name} is established",
                Patience);
        }

        foreach (var text in (await File.ReadAllTextAsync(Path.Combine(s_deploy, "cluster", "priority-classes.yaml"))).Split("\n---\n"))
        {
            var priority = KubernetesYaml.Deserialize<V1PriorityClass>(text);
            if (await CreatedAsync(() => Client.SchedulingV1.CreatePriorityClassAsync(priority))) _undo.Add(() => Client.SchedulingV1.DeletePriorityClassAsync(priority.Metadata.Name));
        }
    }

    // What was there before stays as it is.
    private static async Task<bool> CreatedAsync<T>(Func<Task<T>> create)
    {
        try
        {
            await create();
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    private async Task UndoAsync()
    {
        foreach (var step in Enumerable.Reverse(_undo)) await step();
    }

    // Models go when an operator lets them go.
    private async Task EmptyAsync()
    {
        await using var last = OperatorProcess.Start(this);
        await last.ReadyAsync();
        await Client.CoreV1.DeleteNamespaceAsync(Namespace);
        await Until.TrueAsync(
            async () => (await Client.CoreV1.ListNamespaceAsync(fieldSelector: $"metadata.name={Namespace}")).Items.Count == 0, $"{Namespace} is gone", Patience, TimeSpan.FromMilliseconds(500));
    }

    private static NodeSpec NodeFor(string name, int pairs)
    {
        var room = (2 * (pairs + 1000) / Nodes).ToString(CultureInfo.InvariantCulture);
        return NodeSpec.Sized(name, gpus: 1) with
        {
            Allocatable = new Dictionary<string, string> { ["cpu"] = "100k", ["memory"] = "1Pi", ["ephemeral-storage"] = "1Pi", ["pods"] = room, ["nvidia.com/gpu"] = room },
        };
    }

    private static PodRule FetchSucceeds() => new()
    {
        Container = FetchJobBuilder.Container,
        ExitCode = ExitCodes.Complete,
        TerminationMessage = TerminationMessage.Format(new FetchReport
        {
            Complete = true,
            Sha256 = new string('a', 64),
            Bytes = 4_939_212_390,
            Transferred = 4_939_212_390,
            Seconds = 61,
            Gguf = new GgufMetadata { Architecture = "llama", ModelName = "tiny", LayerCount = 32, FileVersion = 3 },
        }),
    };
}
