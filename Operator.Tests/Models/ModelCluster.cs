using System.Reflection;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;

namespace LlmKube.Operator.Tests.Models;

/// <summary>An API server in this process with the operator at it; fetches come to what the test says.</summary>
internal sealed class ModelCluster : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly WebApplication _operator;

    private ModelCluster(ApiServerHost server, WebApplication app, CollectorRegistry metrics)
    {
        Server = server;
        Metrics = metrics;
        _operator = app;
        Client = new Kubernetes(server.ClientConfiguration());
        Fetches = new FetchPlayer(Client);
        Models = new GenericClient(Client, ApiGroup.Name, ApiGroup.Version, Model.KubePluralName, disposeClient: false);
    }

    public ApiServerHost Server { get; }

    public FetchPlayer Fetches { get; }

    public Kubernetes Client { get; }

    public GenericClient Models { get; }

    public CollectorRegistry Metrics { get; }

    public static async Task<ModelCluster> StartAsync()
    {
        var server = await ApiServerHost.StartAsync(new ApiServerOptions());
        using var admin = new Kubernetes(server.ClientConfiguration());
        await InstallCrdsAsync(admin);
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var options = new OperatorOptions { MetricsBindAddress = BindAddress.Off, HealthProbeBindAddress = BindAddress.Off };
        var app = OperatorApplication.Build(options, services =>
        {
            services.AddSingleton(server.ClientConfiguration());
            services.AddSingleton(registry);
        });
        await app.StartAsync();
        return new ModelCluster(server, app, registry);
    }

    public async Task<string> NamespaceAsync(string name)
    {
        await Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });
        return name;
    }

    public Task<Model> CreateAsync(string ns, string name, string source = Seen.Source) =>
        Models.CreateNamespacedAsync(new Model { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns }, Spec = new ModelSpec { Source = source } }, ns);

    public Task<Model> PatchAsync(string ns, string name, string mergePatch) =>
        Models.PatchNamespacedAsync<Model>(new V1Patch(mergePatch, V1Patch.PatchType.MergePatch), ns, name);

    /// <summary>Awaits a Model in a phase for its newest generation.</summary>
    public Task<Model> PhaseAsync(string ns, string name, string phase) =>
        EventuallyAsync(() => Models.ReadNamespacedAsync<Model>(ns, name), m => m.Status?.Phase == phase && m.Status.ObservedGeneration == m.Metadata.Generation, $"{name} is {phase}");

    public Task<V1JobList> JobsAsync(string ns, Func<V1JobList, bool> until, string story) => EventuallyAsync(() => Client.BatchV1.ListNamespacedJobAsync(ns), until, story);

    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> until, string story)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (until(seen)) return seen;
            if (time.GetElapsedTime(start) > Deadline) Assert.Fail($"Not seen: {story}. Last: {KubernetesJson.Serialize(seen)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Fetches.DisposeAsync();
        await _operator.StopAsync();
        await _operator.DisposeAsync();
        Models.Dispose();
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private static async Task InstallCrdsAsync(Kubernetes admin)
    {
        var root = typeof(ModelCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;
        foreach (var file in Directory.GetFiles(Path.Combine(root, "deploy", "crds"), $"{ApiGroup.Name}_*.yaml"))
        {
            var crd = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            await admin.ApiextensionsV1.CreateCustomResourceDefinitionAsync(crd);
            await EventuallyAsync(
                () => admin.ApiextensionsV1.ReadCustomResourceDefinitionAsync(crd.Metadata.Name),
                c => c.Status?.Conditions?.Any(s => s is { Type: "Established", Status: "True" }) == true,
                $"{crd.Metadata.Name} established");
        }
    }
}
