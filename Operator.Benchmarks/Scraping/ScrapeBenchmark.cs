using System.Diagnostics;
using k8s;
using k8s.Models;
using LlmKube.Operator.Benchmarks.Results;
using LlmKube.Operator.Hosting;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Options;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace LlmKube.Operator.Benchmarks.Scraping;

/// <summary>
/// How long a scrape of a large fleet takes, over HTTP, from the operator's own endpoint. The operator is composed as the program composes it; what it would
/// have read from its stores is given to it, and it is told that it leads.
/// </summary>
internal static class ScrapeBenchmark
{
    private const int Pairs = 1_000;
    private const int WarmUps = 20;
    private const int Scrapes = 200;
    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures.</summary>
    public static async Task RunAsync(ResultPage page, Targets targets)
    {
        var options = new OperatorOptions { MetricsBindAddress = BindAddress.Loopback(0), MetricsSecure = false, HealthProbeBindAddress = BindAddress.Off, LogLevel = LogLevel.Critical };
        await using var app = OperatorApplication.Build(options, services =>
        {
            services.AddSingleton(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
            services.AddKeyedSingleton(StateMetrics.Onlooker, FleetClient.Of(new Fleet(Pairs)));
            services.AddSingleton<HealthCheckService, AlwaysHealthy>();
            services.AddSingleton(Prometheus.Metrics.NewCustomRegistry());
        });
        Record(app.Services.GetRequiredService<OperatorMetrics>());
        await app.StartAsync();
        using var http = new HttpClient();
        var endpoint = new Uri(new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), "/metrics");

        var text = "";
        for (var i = 0; i < WarmUps; i++) text = await http.GetStringAsync(endpoint);
        var times = new List<TimeSpan>();
        for (var i = 0; i < Scrapes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await http.GetByteArrayAsync(endpoint);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        await app.StopAsync();
        times.Sort();
        var series = text.Split('\n').Count(l => l.Length > 0 && l[0] != '#');
        page.Add($"Scrape of {Pairs} pairs", FormattableString.Invariant($"""
            {Scrapes} scrapes one after the other, over plain HTTP on loopback, of an operator with {Pairs} Models and {Pairs} InferenceServices that are Ready, and the histograms of each.
            The objects are given to it instead of being read from the stores of informers; all else is as in the program.

            | series | bytes | p50 | p95 | max |
            |---|---|---|---|---|
            | {series} | {text.Length} | {At(0.5).TotalMilliseconds:F0} ms | {At(0.95).TotalMilliseconds:F0} ms | {times[^1].TotalMilliseconds:F0} ms |
            """));
        targets.AtMost($"p95 of a scrape of {Pairs} pairs", Most.TotalMilliseconds, At(0.95).TotalMilliseconds, "ms");

        TimeSpan At(double quantile) => times[(int)(quantile * (times.Count - 1))];
    }

    private static void Record(OperatorMetrics metrics)
    {
        for (var i = 0; i < Pairs; i++)
        {
            metrics.ModelDownloaded(Named(Fleet.ModelName(i)), SourceType.Remote, TimeSpan.FromSeconds(i));
            metrics.ServiceMet(Named(Fleet.ServiceName(i)));
            metrics.ServiceBecameReady(Fleet.Namespace, Fleet.ServiceName(i), TimeSpan.FromSeconds(i));
        }
    }

    private static V1ObjectMeta Named(string name) => new() { NamespaceProperty = Fleet.Namespace, Name = name, Uid = name };

    private sealed class AlwaysHealthy : HealthCheckService
    {
        public override Task<HealthReport> CheckHealthAsync(Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default) =>
            Task.FromResult(new HealthReport(new Dictionary<string, HealthReportEntry>(), TimeSpan.Zero));
    }
}
