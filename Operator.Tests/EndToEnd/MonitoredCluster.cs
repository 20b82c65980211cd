using k8s;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.Monitoring;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>
/// The installation as users have it (the operator in a pod, servers of llama.cpp in pods) and a real Prometheus that scrapes what the rendered monitors select and evaluates
/// the shipped rules.
/// </summary>
internal sealed class MonitoredCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("monitored-");
    private LocalClusterHost? _cluster;
    private RunningPrometheus? _prometheus;

    private MonitoredCluster() { }

    public Kubernetes Client { get; private set; } = null!;

    public Kubectl Kubectl { get; private set; } = null!;

    public RunningPrometheus Prometheus => _prometheus!;

    public static async Task<MonitoredCluster> StartAsync(TimeSpan scrapeInterval)
    {
        var monitored = new MonitoredCluster();
        try
        {
            await monitored.InstallAsync();
            await monitored.MonitorAsync(scrapeInterval);
            return monitored;
        }
        catch
        {
            await monitored.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies a manifest.</summary>
    public async Task ApplyAsync(string manifest)
    {
        var file = Path.Combine(_folder.FullName, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest);
        await Kubectl.RunAsync("apply", "-f", file);
    }

    /// <summary>Awaits what an expression gives.</summary>
    public Task<IReadOnlyList<RunningPrometheus.Sample>> SeeAsync(string expression, Func<IReadOnlyList<RunningPrometheus.Sample>, bool> isSo) =>
        Eventually.SeeAsync(() => Prometheus.QueryAsync(expression), isSo, expression);

    public async ValueTask DisposeAsync()
    {
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        Client?.Dispose();
        if (_cluster is not null) await _cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task InstallAsync()
    {
        _cluster = await LocalClusterHost.StartAsync(new()
        {
            Processes = RealPrograms.In(_folder.FullName),
            Controllers = new() { VolumeFolder = Path.Combine(_folder.FullName, "volumes") },
            Fleet = new(NodeSpec.Many(2, gpus: 1)),
        });
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        _cluster.ApiServer.WriteKubeconfig(kubeconfig);
        (Client, Kubectl) = (new Kubernetes(_cluster.ApiServer.ClientConfiguration()), new Kubectl(kubeconfig));
        await Kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        await Kubectl.RunAsync("create", "namespace", "monitoring");
        await Kubectl.RunAsync("create", "serviceaccount", "prometheus-k8s", "-n", "monitoring");
        await Kubectl.RunAsync("apply", "-f", Path.Combine(Installation.Root, "deploy", "monitoring", "prometheus-access.yaml"));
        await Kubectl.RunAsync("wait", "--for=condition=Available", "deployment/llmkube-operator", "-n", "llmkube-system", "--timeout=100s");
    }

    private async Task MonitorAsync(TimeSpan scrapeInterval)
    {
        var (tokenFile, kubeconfig) = (Path.Combine(_folder.FullName, "token"), Path.Combine(_folder.FullName, "prometheus-kubeconfig"));
        var token = (await Kubectl.RunAsync("create", "token", "prometheus-k8s", "-n", "monitoring")).Trim();
        await File.WriteAllTextAsync(tokenFile, token);

        // It may find what it is to scrape, as well as scrape it, by the rights of this account alone.
        _cluster!.ApiServer.WriteKubeconfig(kubeconfig, token);
        var rendered = await Kubectl.RunAsync("kustomize", Path.Combine(Installation.Root, "deploy", "monitoring"));
        var (configuration, rules) = (Path.Combine(_folder.FullName, "prometheus.yml"), Path.Combine(_folder.FullName, "rules.yml"));
        await File.WriteAllTextAsync(rules, PrometheusConfiguration.Rules(rendered));
        await File.WriteAllTextAsync(configuration, PrometheusConfiguration.Scraping(rendered, new(kubeconfig, tokenFile, rules)
        {
            ScrapeInterval = scrapeInterval,
            EvaluationInterval = scrapeInterval,
        }));
        _prometheus = await RunningPrometheus.StartAsync(configuration, Path.Combine(_folder.FullName, "prometheus"));
    }
}
