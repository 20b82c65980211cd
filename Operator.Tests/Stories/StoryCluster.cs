using System.Net;
using System.Reflection;
using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Scheduling;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What a story starts with.</summary>
internal sealed record StoryOptions
{
    public IReadOnlyList<NodeSpec> Nodes { get; init; } = NodeSpec.Many(2);

    /// <summary>The one clock of cluster and operators.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// A cluster in this process (API server, controllers, scheduler, simulated nodes), or the same controllers and nodes around the API
/// server that LLMKUBE_TEST_KUBECONFIG names; and any number of operators, composed as the program composes them.
/// </summary>
internal sealed class StoryCluster : IAsyncDisposable
{
    /// <summary>Who the operators are to our API server, so that their requests can be told from the test's.</summary>
    public const string OperatorUser = "operator";

    private const string OperatorToken = "operators-token";
    private const string Variable = "LLMKUBE_TEST_KUBECONFIG";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly string Repository = typeof(StoryCluster).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    private readonly StoryOptions _options;
    private readonly string? _kubeconfig;
    private readonly NodeFleet _fleet;
    private readonly List<WebApplication> _operators = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _clients = [];
    private readonly List<Task> _parts = [];

    private StoryCluster(StoryOptions options, string? kubeconfig, LocalClusterHost? local, PodRules rules, NodeFleet fleet)
    {
        _options = options;
        _kubeconfig = kubeconfig;
        _fleet = fleet;
        Local = local;
        Rules = rules;
        Client = Connect();
        Models = new GenericClient(Client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
        Services = new GenericClient(Client, ApiGroup.Name, ApiGroup.Version, InferenceService.KubePluralName, disposeClient: false);
    }

    /// <summary>Null when the API server is someone else's.</summary>
    public LocalClusterHost? Local { get; }

    public ApiServerHost Server => Local!.ApiServer;

    public PodRules Rules { get; }

    public Kubernetes Client { get; }

    public GenericClient Models { get; }

    public GenericClient Services { get; }

    public string Namespace { get; } = $"story-{Guid.NewGuid():n}"[..14];

    public static bool IsExternal => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    public static async Task<StoryCluster> StartAsync(StoryOptions options)
    {
        var (rules, fleet) = (new PodRules(), new NodeFleet(options.Nodes));
        var kubeconfig = Environment.GetEnvironmentVariable(Variable);
        var local = IsExternal ? null : await LocalClusterHost.StartAsync(new()
        {
            Time = options.Time,
            Rules = rules,
            Fleet = fleet,
            ApiServer = new() { Tokens = [new ApiToken(OperatorToken, OperatorUser, "system:masters")] },
        });
        var cluster = new StoryCluster(options, IsExternal ? kubeconfig : null, local, rules, fleet);
        if (local is null) cluster.StartParts();
        await cluster.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = cluster.Namespace } });
        await cluster.InstallAsync();
        return cluster;
    }

    /// <summary>Every fetch succeeds at once with the header of a small model.</summary>
    public void FetchesSucceed() => Rules.Add(new PodRule
    {
        Container = FetchJobBuilder.Container,
        TerminationMessage = TerminationMessage.Format(new FetchReport
        {
            Complete = true,
            Sha256 = new string('a', 64),
            Bytes = 504_480,
            Transferred = 504_480,
            Seconds = 1.5,
            Gguf = new GgufMetadata { Architecture = "llama", ModelName = "tiny", LayerCount = 2, FileVersion = 3 },
        }),
    });

    /// <summary>Starts an operator; several may run, of which with election one works.</summary>
    public async Task<WebApplication> StartOperatorAsync(OperatorOptions? options = null)
    {
        var app = OperatorApplication.Build(
            (options ?? new OperatorOptions()) with { MetricsBindAddress = BindAddress.Loopback(0), HealthProbeBindAddress = BindAddress.Loopback(0), LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning },
            services =>
            {
                services.AddSingleton(_options.Time);
                services.AddSingleton(Configuration(OperatorToken));
                services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
            });
        await app.StartAsync();
        _operators.Add(app);
        return app;
    }

    public async Task StopOperatorAsync(WebApplication app)
    {
        _operators.Remove(app);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>What an operator serves at a path.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> GetAsync(WebApplication app, string path, bool probes = false)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(addresses.ElementAt(probes ? 1 : 0)), path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<Model> CreateModelAsync(string name, string? source = null) => Models.CreateNamespacedAsync(
        new Model { Metadata = new V1ObjectMeta { Name = name }, Spec = new ModelSpec { Source = source ?? $"https://models.example/{name}.gguf" } }, Namespace);

    public Task<InferenceService> CreateServiceAsync(string name, string model, Action<InferenceServiceSpec>? with = null)
    {
        var service = new InferenceService { Metadata = new V1ObjectMeta { Name = name }, Spec = new InferenceServiceSpec { ModelRef = model } };
        with?.Invoke(service.Spec);
        return Services.CreateNamespacedAsync(service, Namespace);
    }

    /// <summary>Waits until something is so, by looking again; says what it saw last if it never is.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (true)
        {
            var seen = await look();
            if (isSo(seen)) return seen;
            Assert.That(deadline.IsCancellationRequested, Is.False, () => $"{what}; last seen: {KubernetesJson.Serialize(seen!)}");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }
    }

    /// <summary>Waits until a service's status is as wanted.</summary>
    public async Task<InferenceServiceStatus> ServiceAsync(string name, Func<InferenceServiceStatus, bool> isSo) => (await UntilAsync(
        () => Services.ReadNamespacedAsync<InferenceService>(Namespace, name), s => s.Status is { } status && isSo(status), $"the status of {name}")).Status;

    /// <summary>Writes a kubeconfig for this cluster and gives its path.</summary>
    public string WriteKubeconfig(string folder)
    {
        if (_kubeconfig is not null) return _kubeconfig;
        var path = Path.Combine(folder, "kubeconfig");
        Server.WriteKubeconfig(path);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        if (Local is null)
        {
            await Client.CoreV1.DeleteNamespaceAsync(Namespace);
            await UntilAsync(async () => await Client.CoreV1.ListNamespaceAsync(), l => l.Items.All(n => n.Metadata.Name != Namespace), "the namespace is gone");
        }

        foreach (var app in _operators.ToArray()) await StopOperatorAsync(app);
        if (Local is null)
        {
            foreach (var node in _fleet.Names) _fleet.Remove(node);
            await UntilAsync(async () => await Client.CoreV1.ListNodeAsync(), l => l.Items.Count == 0, "the nodes are gone");
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_parts);
        Models.Dispose();
        Services.Dispose();
        foreach (var client in _clients) client.Dispose();
        if (Local is not null) await Local.DisposeAsync();
        _stop.Dispose();
    }

    private KubernetesClientConfiguration Configuration(string? token = null) =>
        _kubeconfig is null ? Server.ClientConfiguration(token) : KubernetesClientConfiguration.BuildConfigFromConfigFile(_kubeconfig);

    private Kubernetes Connect()
    {
        var client = new Kubernetes(Configuration());
        _clients.Add(client);
        return client;
    }

    private void StartParts()
    {
        _parts.Add(ControllersHost.RunAsync(Connect(), new() { Time = _options.Time }, _stop.Token));
        _parts.Add(SchedulerHost.RunAsync(Connect(), new() { Time = _options.Time }, _stop.Token));
        _parts.Add(NodesHost.RunAsync(Connect(), new() { Time = _options.Time, Fleet = _fleet, Rules = Rules }, _stop.Token));
    }

    private async Task InstallAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository, "deploy", "crds"), "inference.*.yaml"))
        {
            var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            try
            {
                await Client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(definition);
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
            {
                // An earlier story's, on a cluster that outlives us.
            }

            await UntilAsync(
                () => Client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(definition.Metadata.Name),
                d => d.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true,
                $"{definition.Metadata.Name} is established");
        }
    }
}
