using k8s;
using LlmKube.Operator.LocalCluster.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>
/// The installation as users have it (the operator in a pod, servers of llama.cpp in pods) and a real Prometheus that scrapes what the rendered monitors select and evaluates
/// the shipped rules.
/// </summary>
internal sealed class MonitoredCluster : IAsyncDisposable
{
    private InstalledCluster? _cluster;
    private RunningPrometheus? _prometheus;

    private MonitoredCluster() { }

    public Kubernetes Client => _cluster!.Client;

    public Kubectl Kubectl => _cluster!.Kubectl;

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
    public Task ApplyAsync(string manifest) => _cluster!.ApplyAsync(manifest);

    /// <summary>Awaits what an expression gives.</summary>
    public Task<IReadOnlyList<RunningPrometheus.Sample>> SeeAsync(string expression, Func<IReadOnlyList<RunningPrometheus.Sample>, bool> isSo) =>
        Eventually.SeeAsync(() => Prometheus.QueryAsync(expression), isSo, expression);

    public async ValueTask DisposeAsync()
    {
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    private async Task InstallAsync()
    {
        _cluster = await InstalledCluster.StartAsync(gpus: 1);
        await Kubectl.RunAsync("apply", "-k", Installation.OnOneMachine);
        await Kubectl.RunAsync("create", "namespace", "monitoring");
        await Kubectl.RunAsync("create", "serviceaccount", "prometheus-k8s", "-n", "monitoring");
        await Kubectl.RunAsync("apply", "-f", Path.Combine(Installation.Root, "deploy", "monitoring", "prometheus-access.yaml"));
        await _cluster.AvailableAsync();
    }

    private async Task MonitorAsync(TimeSpan scrapeInterval)
    {
        var folder = _cluster!.Folder;
        var (tokenFile, kubeconfig) = (Path.Combine(folder, "token"), Path.Combine(folder, "prometheus-kubeconfig"));
        var token = (await Kubectl.RunAsync("create", "token", "prometheus-k8s", "-n", "monitoring")).Trim();
        await File.WriteAllTextAsync(tokenFile, token);

        // It may find what it is to scrape, as well as scrape it, by the rights of this account alone.
        _cluster.Host.ApiServer.WriteKubeconfig(kubeconfig, token);
        var rendered = await Kubectl.RunAsync("kustomize", Path.Combine(Installation.Root, "deploy", "monitoring"));
        var (configuration, rules) = (Path.Combine(folder, "prometheus.yml"), Path.Combine(folder, "rules.yml"));
        await File.WriteAllTextAsync(rules, PrometheusConfiguration.Rules(rendered));
        await File.WriteAllTextAsync(configuration, PrometheusConfiguration.Scraping(rendered, new(kubeconfig, tokenFile, rules)
        {
            ScrapeInterval = scrapeInterval,
            EvaluationInterval = scrapeInterval,
        }));
        _prometheus = await RunningPrometheus.StartAsync(configuration, Path.Combine(folder, "prometheus"));
    }
}
