using System.Text;
using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.Monitoring;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>What a Prometheus on this machine needs to watch the demo: monitors and rules of <c>deploy/monitoring</c> as its configuration.</summary>
internal static class DemoMonitoring
{
    private const string Component = "deploy/monitoring";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Writes it.</summary>
    /// <param name="token">The administrator's.</param>
    public static async Task WriteAsync(KubectlProgram kubectl, DemoFolder folder, string token, CancellationToken cancellation)
    {
        var rendered = await kubectl.RunAsync(["kustomize", Component], cancellation);
        PrivateFile.Write(folder.Token, Encoding.UTF8.GetBytes(token));
        var access = new PrometheusAccess(folder.Kubeconfig, folder.Token, folder.Rules) { ScrapeInterval = Interval, EvaluationInterval = Interval };
        await File.WriteAllTextAsync(folder.Rules, PrometheusConfiguration.Rules(rendered), cancellation);
        await File.WriteAllTextAsync(folder.Scraping, PrometheusConfiguration.Scraping(rendered, access), cancellation);
    }
}
