using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using System.Net;
using System.Reflection;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>The operator as the program composes it, in this process, with its custom resources installed on an API server.</summary>
internal sealed class OperatorUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly WebApplication _app;

    private OperatorUnderTest(ApiServerHost server, WebApplication app, Kubernetes client)
    {
        Server = server;
        _app = app;
        Client = client;
    }

    public ApiServerHost Server { get; }

    public Kubernetes Client { get; }

    public static async Task<OperatorUnderTest> StartAsync(ApiServerHost server, OperatorOptions? options = null, Action<IServiceCollection>? configure = null)
    {
        var client = new Kubernetes(server.ClientConfiguration());
        await InstallAsync(client);
        var app = OperatorApplication.Build(
            (options ?? new OperatorOptions()) with { MetricsBindAddress = BindAddress.Loopback(0), HealthProbeBindAddress = BindAddress.Loopback(0), LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning },
            services =>
            {
                services.AddSingleton(server.ClientConfiguration());
                services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
                configure?.Invoke(services);
            });
        await app.StartAsync();
        return new OperatorUnderTest(server, app, client);
    }

    /// <summary>Reads a path at the address of the metrics or of the probes.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, bool probes = false)
    {
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(addresses.ElementAt(probes ? 1 : 0)), path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
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
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Client.Dispose();
    }

    private static async Task InstallAsync(Kubernetes client)
    {
        var root = typeof(OperatorUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;
        foreach (var file in Directory.GetFiles(Path.Combine(root, "deploy", "crds"), "inference.*.yaml"))
        {
            var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            try
            {
                await client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(definition);
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
            {
                // Installed by an earlier operator of the same server.
            }

            await UntilAsync(
                () => client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(definition.Metadata.Name),
                d => d.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true,
                $"{definition.Metadata.Name} is established");
        }

        foreach (var document in (await File.ReadAllTextAsync(Path.Combine(root, "deploy", "default", "priority-classes.yaml"))).Split("\n---\n"))
        {
            var priority = KubernetesYaml.Deserialize<V1PriorityClass>(document);
            if ((await client.SchedulingV1.ListPriorityClassAsync()).Items.All(p => p.Metadata.Name != priority.Metadata.Name)) await client.SchedulingV1.CreatePriorityClassAsync(priority);
        }
    }
}
