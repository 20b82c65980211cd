using System.Text.Json.Nodes;
using LlmKube.Operator.Tests.Monitoring;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>
/// Some minutes in the life of an installation, and what every panel shows of them: <c>make pictures</c> plots the answers, since nobody wants to install a Grafana to see
/// what the dashboards are like.
/// </summary>
[Explicit("Takes minutes; its result is docs/images/.")]
public sealed class DashboardRecording
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    [Test]
    public async Task Record()
    {
        var file = Environment.GetEnvironmentVariable("DASHBOARD_RECORDING") ?? throw new InvalidOperationException("DASHBOARD_RECORDING must name the file to write.");
        await using var weights = await WeightsServer.StartAsync();
        await using var cluster = await MonitoredCluster.StartAsync(s_interval);
        var began = TimeProvider.System.GetUtcNow();
        await cluster.ApplyAsync(Happenings.Sound(weights));
        await cluster.Kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/chat", "--timeout=100s");
        using var stop = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 6).Select(_ => Happenings.AskAsync(cluster, "chat", stop.Token)).ToList();
        await PassAsync(cluster, scrapes: 15);
        await cluster.ApplyAsync(Happenings.Unlucky(weights));
        await PassAsync(cluster, scrapes: 35);
        await Happenings.KillServerAsync(cluster, "chat");
        await PassAsync(cluster, scrapes: 55);
        await cluster.Kubectl.RunAsync("patch", "isvc/chat", "--type=merge", "-p", """{"spec":{"replicas":2}}""");
        await cluster.ApplyAsync(Happenings.Luck(weights));
        await PassAsync(cluster, scrapes: 90);
        await cluster.ApplyAsync(Happenings.Stuck);
        await PassAsync(cluster, scrapes: 100);

        var answers = new JsonArray();
        foreach (var query in DashboardFile.All.SelectMany(d => d.Queries(rateInterval: "10s", range: "5m")))
        {
            answers.Add(new JsonObject
            {
                ["dashboard"] = query.Dashboard,
                ["panel"] = query.Panel,
                ["result"] = (await cluster.Prometheus.QueryAsync(query.Expression, began, TimeProvider.System.GetUtcNow(), s_interval))["result"]!.DeepClone(),
            });
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking);
        await File.WriteAllTextAsync(file, answers.ToJsonString());
    }

    /// <summary>Awaits so many scrapes since the beginning.</summary>
    private static Task PassAsync(MonitoredCluster cluster, int scrapes) =>
        cluster.SeeAsync($"sum(count_over_time(up{{job=\"llmkube-controller\"}}[1h])) >= {scrapes}", s => s.Count == 1);
}
