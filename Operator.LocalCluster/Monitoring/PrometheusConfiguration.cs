using System.Globalization;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Responses;

namespace LlmKube.Operator.LocalCluster.Monitoring;

/// <summary>
/// Does what prometheus-operator does in a cluster, as far as the monitors of <c>deploy/monitoring</c> go: makes a Prometheus configuration of ServiceMonitors and
/// PodMonitors, and a rule file of PrometheusRules. A field that it does not know is refused, so that nothing is left out in silence.
/// </summary>
public static class PrometheusConfiguration
{
    private static readonly HashSet<string> EndpointFields =
        ["port", "path", "scheme", "interval", "bearerTokenFile", "tlsConfig", "honorLabels", "relabelings"];

    private static readonly HashSet<string> MonitorFields =
        ["selector", "namespaceSelector", "sampleLimit", "endpoints", "podMetricsEndpoints"];

    private static readonly HashSet<string> SelectorFields = ["matchLabels", "matchExpressions"];

    private static readonly HashSet<string> NamespaceFields = ["any", "matchNames"];

    private static readonly HashSet<string> TlsFields = ["insecureSkipVerify"];

    private static readonly HashSet<string> RelabelingFields = ["action", "sourceLabels", "targetLabel", "regex", "replacement", "separator", "modulus"];

    /// <summary>The configuration, as YAML.</summary>
    /// <param name="manifests">YAML documents; those of other kinds are passed over.</param>
    /// <param name="access">What this Prometheus has.</param>
    /// <exception cref="NotSupportedException">A monitor has a field that is not known here.</exception>
    public static string Scraping(string manifests, PrometheusAccess access)
    {
        var jobs = Documents(manifests)
            .Where(d => d.Text("kind") is "ServiceMonitor" or "PodMonitor")
            .SelectMany(monitor => Endpoints(monitor).Select((endpoint, index) => (JsonNode?)Job(monitor, endpoint, index, access)));
        return YamlWriter.Write(new JsonObject
        {
            ["global"] = new JsonObject { ["evaluation_interval"] = Duration(access.EvaluationInterval) },
            ["rule_files"] = new JsonArray(access.RuleFile),
            ["scrape_configs"] = ApiObject.List(jobs),
        });
    }

    /// <summary>The rules, as YAML.</summary>
    /// <param name="manifests">YAML documents; those of other kinds are passed over.</param>
    public static string Rules(string manifests) => YamlWriter.Write(new JsonObject
    {
        ["groups"] = ApiObject.List(Documents(manifests).Where(d => d.Text("kind") is "PrometheusRule").SelectMany(d => d.Objects("spec", "groups")).Select(g => (JsonNode?)g.Copy())),
    });

    private static IEnumerable<JsonObject> Documents(string manifests) =>
        manifests.ReplaceLineEndings("\n").Split("\n---\n").Select(YamlReader.Parse).OfType<JsonObject>();

    private static IEnumerable<JsonObject> Endpoints(JsonObject monitor)
    {
        var spec = monitor["spec"] as JsonObject;
        Know(spec, MonitorFields, monitor);
        Know(spec?["selector"] as JsonObject, SelectorFields, monitor);
        Know(spec?["namespaceSelector"] as JsonObject, NamespaceFields, monitor);
        return monitor.Objects("spec", "endpoints").Concat(monitor.Objects("spec", "podMetricsEndpoints"));
    }

    private static JsonObject Job(JsonObject monitor, JsonObject endpoint, int index, PrometheusAccess access)
    {
        Know(endpoint, EndpointFields, monitor);
        Know(endpoint["tlsConfig"] as JsonObject, TlsFields, monitor);
        foreach (var relabeling in endpoint.Objects("relabelings")) Know(relabeling, RelabelingFields, monitor);
        var spec = (JsonObject)monitor["spec"]!;
        var ofPods = monitor.Text("kind") is "PodMonitor";
        var job = new JsonObject
        {
            ["job_name"] = $"{(ofPods ? "podMonitor" : "serviceMonitor")}/{monitor.Text("metadata", "namespace")}/{monitor.Text("metadata", "name")}/{index.ToString(CultureInfo.InvariantCulture)}",
            ["honor_labels"] = endpoint.Flag("honorLabels"),
            ["scheme"] = endpoint.Text("scheme") ?? "http",
            ["metrics_path"] = endpoint.Text("path") ?? "/metrics",
            ["scrape_interval"] = access.ScrapeInterval is { } interval ? Duration(interval) : endpoint.Text("interval") ?? "30s",
            ["kubernetes_sd_configs"] = new JsonArray(Discovery(monitor, ofPods ? "pod" : "endpoints", access)),
            ["relabel_configs"] = ApiObject.List([.. ofPods ? TargetLabels.OfPods(monitor, endpoint) : TargetLabels.OfServices(monitor, endpoint), .. Relabelings(endpoint)]),
        };
        if (access.ScrapeInterval is { } often) job["scrape_timeout"] = Duration(often);
        if (spec["sampleLimit"] is { } limit) job["sample_limit"] = limit.DeepClone();
        if (endpoint.Flag("tlsConfig", "insecureSkipVerify")) job["tls_config"] = new JsonObject { ["insecure_skip_verify"] = true };
        if (endpoint.Text("bearerTokenFile") is not null) job["authorization"] = new JsonObject { ["credentials_file"] = access.TokenFile };
        return job;
    }

    private static JsonObject Discovery(JsonObject monitor, string role, PrometheusAccess access)
    {
        var discovery = new JsonObject { ["role"] = role, ["kubeconfig_file"] = access.Kubeconfig };
        var selector = (monitor["spec"] as JsonObject)?["namespaceSelector"] as JsonObject;
        if (selector?.Flag("any") is true) return discovery;
        var names = selector?.Texts("matchNames") is { Count: > 0 } named ? named : [monitor.Text("metadata", "namespace") ?? "default"];
        discovery["namespaces"] = new JsonObject { ["names"] = ApiObject.List(names.Select(n => (JsonNode?)n)) };
        return discovery;
    }

    // The same fields under names in Prometheus' own spelling.
    private static IEnumerable<JsonNode?> Relabelings(JsonObject endpoint) => endpoint.Objects("relabelings").Select(r => new JsonObject(r.Select(f =>
        KeyValuePair.Create(f.Key switch { "sourceLabels" => "source_labels", "targetLabel" => "target_label", var same => same }, f.Value?.DeepClone()))));

    private static void Know(JsonObject? given, HashSet<string> known, JsonObject monitor)
    {
        if (given?.FirstOrDefault(f => !known.Contains(f.Key)).Key is { } unknown)
        {
            throw new NotSupportedException($"{monitor.Text("kind")} {monitor.Text("metadata", "name")} has the field {unknown}, which is not translated here.");
        }
    }

    private static string Duration(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds}ms");
}
