using System.Diagnostics;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Monitoring;

namespace LlmKube.Operator.LocalCluster.Tests.Monitoring;

/// <summary>What prometheus-operator would make of monitors and rules.</summary>
public sealed class PrometheusConfigurationTests
{
    private const string Pods = """
        apiVersion: monitoring.coreos.com/v1
        kind: PodMonitor
        metadata: {name: servers, namespace: team}
        spec:
          selector: {matchExpressions: [{key: example.dev/service, operator: Exists}]}
          sampleLimit: 500
          podMetricsEndpoints:
          - {port: http, interval: 15s, relabelings: [{sourceLabels: [__meta_kubernetes_pod_label_example_dev_service], targetLabel: service}]}
        """;

    private const string Services = """
        apiVersion: v1
        kind: Service
        metadata: {name: passed-over}
        ---
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: operator, namespace: system}
        spec:
          namespaceSelector: {any: true}
          selector: {matchLabels: {app.kubernetes.io/name: operator}}
          endpoints:
          - {port: https, scheme: https, bearerTokenFile: /any, honorLabels: true, tlsConfig: {insecureSkipVerify: true}}
        """;

    private static readonly PrometheusAccess s_access = new("/k/kubeconfig", "/k/token", "/k/rules.yml");

    [TestCase(Pods, "scrape_configs.0.job_name", "podMonitor/team/servers/0")]
    [TestCase(Pods, "scrape_configs.0.scrape_interval", "15s")]
    [TestCase(Pods, "scrape_configs.0.sample_limit", "500")]
    [TestCase(Pods, "scrape_configs.0.kubernetes_sd_configs.0.role", "pod")]
    [TestCase(Pods, "scrape_configs.0.kubernetes_sd_configs.0.namespaces.names.0", "team")]
    [TestCase(Pods, "scrape_configs.0.relabel_configs.1.source_labels.0", "__meta_kubernetes_pod_labelpresent_example_dev_service")]
    [TestCase(Pods, "scrape_configs.0.relabel_configs.2.regex", "http")]
    [TestCase(Pods, "scrape_configs.0.relabel_configs.8.target_label", "service")]
    [TestCase(Services, "scrape_configs.0.job_name", "serviceMonitor/system/operator/0")]
    [TestCase(Services, "scrape_configs.0.kubernetes_sd_configs.0.role", "endpoints")]
    [TestCase(Services, "scrape_configs.0.kubernetes_sd_configs.0.namespaces", "")]
    [TestCase(Services, "scrape_configs.0.relabel_configs.0.regex", "operator;true")]
    [TestCase(Services, "scrape_configs.0.authorization.credentials_file", "/k/token")]
    [TestCase(Services, "scrape_configs.0.tls_config.insecure_skip_verify", "true")]
    [TestCase(Services, "scrape_configs.0.honor_labels", "true")]
    [TestCase(Services, "rule_files.0", "/k/rules.yml")]
    public void A_monitor_is_scraped_as_it_says(string manifests, string path, string value)
    {
        var node = path.Split('.').Aggregate(YamlReader.Parse(PrometheusConfiguration.Scraping(manifests, s_access)), (n, step) => int.TryParse(step, out var index) ? n?[index] : n?[step]);

        Assert.That(node?.ToString() ?? "", Is.EqualTo(value));
    }

    [Test]
    public async Task Prometheus_takes_what_is_made()
    {
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        try
        {
            var (file, rules, token) = (Path.Combine(folder.FullName, "prometheus.yml"), Path.Combine(folder.FullName, "rules.yml"), Path.Combine(folder.FullName, "token"));
            await File.WriteAllTextAsync(token, "secret");
            await File.WriteAllTextAsync(rules, PrometheusConfiguration.Rules("kind: PrometheusRule\nspec: {groups: [{name: g, rules: [{record: 'a:b', expr: up}]}]}"));
            await File.WriteAllTextAsync(file, PrometheusConfiguration.Scraping($"{Pods}\n---\n{Services}", new(token, token, rules)));

            using var promtool = Process.Start(new ProcessStartInfo(Tools.Find("promtool"), ["check", "config", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (said, complained) = (promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
            await promtool.WaitForExitAsync();

            Assert.That(promtool.ExitCode, Is.Zero, await complained);
            Assert.That(await said, Does.Contain("1 rules found"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestCase("interval: 15s", "proxyUrl: x", "proxyUrl")]
    [TestCase("interval: 15s", "tlsConfig: {serverName: x}", "serverName")]
    [TestCase("targetLabel: service", "target_label: service", "target_label")]
    [TestCase("sampleLimit: 500", "namespaceSelector: {matchExpressions: []}", "matchExpressions")]
    public void A_field_that_is_not_known_is_refused_and_not_passed_over(string known, string unknown, string field) => Assert.That(
        () => PrometheusConfiguration.Scraping(Pods.Replace(known, unknown, StringComparison.Ordinal), s_access),
        Throws.TypeOf<NotSupportedException>().With.Message.EqualTo($"PodMonitor servers has the field {field}, which is not translated here."));
}
