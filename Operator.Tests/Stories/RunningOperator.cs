using System.Net;
using k8s;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>An operator in this process, composed as the program composes it.</summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningOperator(WebApplication app) => _app = app;

    /// <summary>Starts it; its metrics are, as tests like them, for everybody, unless they are to be secure. Without a cluster its options name a kubeconfig.</summary>
    public static async Task<RunningOperator> StartAsync(
        KubernetesClientConfiguration? cluster, OperatorOptions options, TimeProvider time, bool secure = false, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var app = OperatorApplication.Build(
            options with { AllowedSourceAddresses = [IPAddress.Loopback.ToString()], MetricsBindAddress = BindAddress.Loopback(0), MetricsSecure = secure, HealthProbeBindAddress = BindAddress.Loopback(0), LogLevel = LogLevel.Warning },
            services =>
            {
                services.AddSingleton(time);
                if (cluster is not null) services.AddSingleton(cluster);
                services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
            },
            environment);
        await app.StartAsync();
        return new RunningOperator(app);
    }

    /// <summary>Its client, which answers from its stores what these know.</summary>
    public IKubernetesClient Client => _app.Services.GetRequiredService<IKubernetesClient>();

    /// <summary>The text at <c>/metrics</c>.</summary>
    public async Task<string> MetricsAsync() => (await GetAsync("/metrics")).Body;

    /// <summary>Where the metrics are.</summary>
    public Uri MetricsAddress => new(new Uri(Addresses.First()), "/metrics");

    private ICollection<string> Addresses => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    /// <summary>True if the metrics say that a controller has nothing to do and does nothing.</summary>
    public static bool IsIdle(string metrics, string controller) =>
        metrics.Contains($"controller_runtime_active_workers{{controller=\"{controller}\"}} 0", StringComparison.Ordinal)
        && metrics.Contains($"workqueue_depth{{name=\"{controller}\",controller=\"{controller}\"}} 0", StringComparison.Ordinal);

    /// <summary>How many reconciles of a controller the metrics count.</summary>
    public static double Reconciles(string metrics, string controller) => metrics.Split('\n')
        .Where(l => l.StartsWith($"llmkube_reconcile_total{{controller=\"{controller}\"", StringComparison.Ordinal))
        .Sum(l => double.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What is served at a path, at the address of the metrics or of the probes.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, bool probes = false)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(new Uri(Addresses.ElementAt(probes ? 1 : 0)), path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
