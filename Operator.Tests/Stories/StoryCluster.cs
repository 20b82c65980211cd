using k8s;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Scheduling;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What a story starts with.</summary>
internal sealed record StoryOptions
{
    public IReadOnlyList<NodeSpec> Nodes { get; init; } = NodeSpec.Many(2);

    /// <summary>Pods are processes: of llama.cpp's server and of this build's operator, with a proxy for services. Else they only pretend.</summary>
    public bool Processes { get; init; }

    /// <summary>The one clock of cluster and operators.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// A cluster in this process (API server, controllers, scheduler, nodes, which only pretend to run pods unless told otherwise), or the same controllers and nodes around the API
/// server that LLMKUBE_TEST_KUBECONFIG names; and any number of operators. Fetches succeed unless the story has other rules.
/// On our own server the operators have the rights of <c>deploy/rbac</c> and no others.
/// </summary>
internal sealed class StoryCluster : IAsyncDisposable
{
    /// <summary>Who the operators are to our API server, so that their requests can be told from the test's.</summary>
    public const string OperatorUser = Installation.User;

    private const string OperatorToken = "operators-token";
    private static readonly string[] s_roleVerbs = ["create", "delete", "get", "list", "patch", "watch"];
    private readonly StoryOptions _options;
    private readonly LocalClusterHost? _local;
    private readonly List<RunningOperator> _operators = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _clients = [];
    private readonly List<Task> _parts = [];
    private readonly DirectoryInfo _folder;
    private readonly LoopbackNetwork? _network;

    private StoryCluster(StoryOptions options, LocalClusterHost? local, PodRules rules, NodeFleet fleet, DirectoryInfo folder)
    {
        (_options, _local, Rules, Fleet, _folder) = (options, local, rules, fleet, folder);
        if (local is null && options.Processes) _network = LoopbackNetwork.Reserve();
        Client = Connect();
        Models = new GenericClient(Client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
        Services = new GenericClient(Client, ApiGroup.Name, ApiGroup.Version, InferenceService.KubePluralName, disposeClient: false);
    }

    /// <summary>The kubeconfig of the API server that is someone else's; null: we have our own.</summary>
    public static string? ExternalKubeconfig { get; } = Environment.GetEnvironmentVariable("LLMKUBE_TEST_KUBECONFIG") is { Length: > 0 } file ? file : null;

    /// <summary>True: the API server is someone else's, and its requests can't be counted.</summary>
    public static bool IsExternal => ExternalKubeconfig is not null;

    public ApiServerHost Server => _local!.ApiServer;

    public PodRules Rules { get; }

    public NodeFleet Fleet { get; }

    public Kubernetes Client { get; }

    public GenericClient Models { get; }

    public GenericClient Services { get; }

    /// <summary>How an operator reaches the API server, and as whom.</summary>
    public KubernetesClientConfiguration OperatorConfiguration
    {
        get
        {
            var configuration = Configuration(OperatorToken);
            if (!IsExternal) configuration.Namespace = Installation.Namespace;
            return configuration;
        }
    }

    /// <summary>A folder that goes with the cluster.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Where claims' volumes are, each a folder.</summary>
    public string VolumeFolder => Path.Combine(_folder.FullName, "volumes");

    /// <summary>Where services of another API server are reached.</summary>
    public ReachedAddresses Reached { get; } = new();

    public string Namespace { get; } = $"story-{Guid.NewGuid():n}"[..14];

    public static async Task<StoryCluster> StartAsync(StoryOptions? with = null)
    {
        var options = with ?? new StoryOptions();
        var (rules, fleet) = (new PodRules(), new NodeFleet(options.Nodes));
        rules.Add(Fetches.Succeed);
        var folder = Directory.CreateTempSubdirectory("story-");
        var processes = options.Processes ? RealPrograms.In(folder.FullName) : null;
        var controllers = new ControllersOptions { VolumeFolder = Path.Combine(folder.FullName, "volumes") };
        var local = IsExternal ? null : await LocalClusterHost.StartAsync(new()
        {
            Time = options.Time,
            Rules = rules,
            Fleet = fleet,
            Controllers = controllers,
            Processes = processes,
            ApiServer = new() { Tokens = [new ApiToken(OperatorToken, OperatorUser)] },
        });
        var cluster = new StoryCluster(options, local, rules, fleet, folder);
        try
        {
            if (local is null) cluster.StartParts(controllers, processes);
            else await Installation.GrantAsync(cluster.Client);
            await Installation.ApplyAsync(cluster.Client);
            await cluster.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = cluster.Namespace } });
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an operator; several may run, of which with election one works.</summary>
    public async Task<RunningOperator> StartOperatorAsync(
        OperatorOptions? options = null, bool secure = false, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var started = await RunningOperator.StartAsync(OperatorConfiguration, options ?? new OperatorOptions(), _options.Time, secure, environment);
        _operators.Add(started);
        return started;
    }

    public async Task StopOperatorAsync(RunningOperator running)
    {
        _operators.Remove(running);
        await running.DisposeAsync();
    }

    public Task<Model> CreateModelAsync(string name, string? source = null, Action<ModelSpec>? with = null)
    {
        var model = new Model { Metadata = new V1ObjectMeta { Name = name }, Spec = new ModelSpec { Source = source ?? $"https://models.example/{name}.gguf" } };
        with?.Invoke(model.Spec);
        return Models.CreateNamespacedAsync(model, Namespace);
    }

    public Task<InferenceService> CreateServiceAsync(string name, string model = "tiny", Action<InferenceServiceSpec>? with = null)
    {
        var service = new InferenceService { Metadata = new V1ObjectMeta { Name = name }, Spec = new InferenceServiceSpec { ModelRef = model } };
        with?.Invoke(service.Spec);
        return Services.CreateNamespacedAsync(service, Namespace);
    }

    /// <summary>A claim of the user's, which one node at a time can use.</summary>
    public Task<V1PersistentVolumeClaim> CreateClaimAsync(string name) => Client.CoreV1.CreateNamespacedPersistentVolumeClaimAsync(
        new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1PersistentVolumeClaimSpec
            {
                AccessModes = ["ReadWriteOnce"],
                Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("10Gi") } },
            },
        },
        Namespace);

    public Task<Model> PatchModelAsync(string name, object spec) => Models.PatchNamespacedAsync<Model>(Merge(new { spec }), Namespace, name);

    public Task<InferenceService> PatchServiceAsync(string name, object spec) => Services.PatchNamespacedAsync<InferenceService>(Merge(new { spec }), Namespace, name);

    public Task DeleteModelAsync(string name) => DeleteAsync(Model.KubePluralName, name);

    public Task DeleteServiceAsync(string name) => DeleteAsync(InferenceService.KubePluralName, name);

    /// <summary>Takes verbs on a resource away from the operators' role, and gives back the others. Only on our own API server.</summary>
    public async Task ForbidAsync(string resource, params string[] verbs)
    {
        var role = await Client.RbacAuthorizationV1.ReadClusterRoleAsync(FieldManagers.Operator);
        var rule = role.Rules.Single(r => r.Resources.Contains(resource));
        rule.Verbs = [.. s_roleVerbs.Except(verbs)];
        await Client.RbacAuthorizationV1.ReplaceClusterRoleAsync(role, role.Metadata.Name);
    }

    public static V1Patch Merge(object body) => new(KubernetesJson.Serialize(body), V1Patch.PatchType.MergePatch);

    /// <summary>Awaits a Model in a phase that was said of its newest generation.</summary>
    public Task<Model> ModelAsync(string name, string phase) => Eventually.SeeAsync(
        () => Models.ReadNamespacedAsync<Model>(Namespace, name), m => m.Status?.Phase == phase && m.Status.ObservedGeneration == m.Metadata.Generation, $"{name} is {phase}");

    /// <summary>Awaits a status of a service.</summary>
    public async Task<InferenceServiceStatus> ServiceAsync(string name, Func<InferenceServiceStatus, bool> isSo) => (await Eventually.SeeAsync(
        () => Services.ReadNamespacedAsync<InferenceService>(Namespace, name), s => s.Status is { } status && isSo(status), $"the status of {name}")).Status;

    public Task<V1JobList> JobsAsync(Func<V1JobList, bool> isSo, string what) => Eventually.SeeAsync(() => Client.BatchV1.ListNamespacedJobAsync(Namespace), isSo, what);

    public Task<Corev1EventList> EventsAsync(Func<Corev1EventList, bool> isSo, string what) =>
        Eventually.SeeAsync(() => Client.CoreV1.ListNamespacedEventAsync(Namespace), isSo, what);

    public async Task<IList<InferenceService>> AllServicesAsync() => (await Services.ListNamespacedAsync<EntityList<InferenceService>>(Namespace)).Items;

    public async Task<IList<Model>> AllModelsAsync() => (await Models.ListNamespacedAsync<EntityList<Model>>(Namespace)).Items;

    /// <summary>Where a service is reached from this machine.</summary>
    public async Task<Uri> ReachAsync(string name)
    {
        var service = await Client.CoreV1.ReadNamespacedServiceAsync(name, Namespace);
        var port = service.Spec.Ports[0].Port;
        var at = IsExternal
            ? await Eventually.SeeAsync(() => Task.FromResult(Reached.Of($"{Namespace}/{name}", port)), a => a is not null, $"{name} is reached")
            : $"{service.Spec.ClusterIP}:{port}";
        return new Uri($"http://{at}");
    }

    /// <summary>A kubeconfig for this cluster; a new one is written into the folder.</summary>
    public string Kubeconfig(string folder)
    {
        if (ExternalKubeconfig is not null) return ExternalKubeconfig;
        var path = Path.Combine(folder, "kubeconfig");
        Server.WriteKubeconfig(path);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsExternal) await EmptyAsync();
        foreach (var running in _operators.ToArray()) await StopOperatorAsync(running);
        await _stop.CancelAsync();
        await Task.WhenAll(_parts);
        Models.Dispose();
        Services.Dispose();
        foreach (var client in _clients) client.Dispose();
        if (_local is not null) await _local.DisposeAsync();
        _network?.Dispose();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    private KubernetesClientConfiguration Configuration(string? token = null) =>
        ExternalKubeconfig is null ? Server.ClientConfiguration(token) : KubernetesClientConfiguration.BuildConfigFromConfigFile(ExternalKubeconfig);

    private Kubernetes Connect()
    {
        var client = new Kubernetes(Configuration());
        _clients.Add(client);
        return client;
    }

    // The typed client can't: the answer is the object or, if it is gone at once, a Status.
    private Task DeleteAsync(string plural, string name) => Client.CustomObjects.DeleteNamespacedCustomObjectAsync(ApiGroup.Name, ApiGroup.Version, Namespace, plural, name);

    private void StartParts(ControllersOptions controllers, ProcessOptions? processes)
    {
        _parts.Add(ControllersHost.RunAsync(Connect(), controllers with { Time = _options.Time }, _stop.Token));
        _parts.Add(SchedulerHost.RunAsync(Connect(), new() { Time = _options.Time }, _stop.Token));
        _parts.Add(NodesHost.RunAsync(Connect(), new() { Time = _options.Time, Fleet = Fleet, Rules = Rules, Processes = processes, Network = _network }, _stop.Token));
        if (_network is not null) _parts.Add(ServiceProxyHost.RunAsync(Connect(), new() { Time = _options.Time, Network = _network, Loggers = Reached }, _stop.Token));
    }

    // The other cluster goes on without us: our namespace and nodes go, while there is an operator to let them go. A story whose operator was a
    // program has none left.
    private async Task EmptyAsync()
    {
        if (_operators.Count == 0) await StartOperatorAsync();
        if ((await Client.CoreV1.ListNamespaceAsync()).Items.Any(n => n.Metadata.Name == Namespace)) await Client.CoreV1.DeleteNamespaceAsync(Namespace);
        await NamespaceGoneAsync();
        var ours = Fleet.Names;
        foreach (var node in ours) Fleet.Remove(node);
        await Eventually.SeeAsync(() => Client.CoreV1.ListNodeAsync(), l => l.Items.All(n => !ours.Contains(n.Metadata.Name)), "the nodes are gone");
    }

    /// <summary>Awaits the end of the story's namespace.</summary>
    public Task NamespaceGoneAsync() =>
        Eventually.SeeAsync(() => Client.CoreV1.ListNamespaceAsync(), l => l.Items.All(n => n.Metadata.Name != Namespace), "the namespace is gone");
}
