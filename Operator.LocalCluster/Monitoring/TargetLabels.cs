using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.Monitoring;

/// <summary>The relabeling by which prometheus-operator selects the targets of a monitor and names them, before the monitor's own.</summary>
internal static class TargetLabels
{
    private const string Meta = "__meta_kubernetes_";

    public static IEnumerable<JsonNode> OfPods(JsonObject monitor, JsonObject endpoint) =>
    [
        Drop($"{Meta}pod_phase", "(Failed|Succeeded)"),
        .. Selector(monitor, "pod"),
        .. Port(endpoint, $"{Meta}pod_container_port_name"),
        Copy($"{Meta}namespace", "namespace"),
        Copy($"{Meta}pod_container_name", "container"),
        Copy($"{Meta}pod_name", "pod"),
        Set("job", $"{monitor.Text("metadata", "namespace")}/{monitor.Text("metadata", "name")}"),
        Set("endpoint", endpoint.Text("port") ?? ""),
    ];

    public static IEnumerable<JsonNode> OfServices(JsonObject monitor, JsonObject endpoint) =>
    [
        .. Selector(monitor, "service"),
        .. Port(endpoint, $"{Meta}endpoint_port_name"),
        Copy($"{Meta}namespace", "namespace"),
        Copy($"{Meta}service_name", "service"),
        Copy($"{Meta}pod_name", "pod"),
        Copy($"{Meta}pod_container_name", "container"),
        Drop($"{Meta}pod_phase", "(Failed|Succeeded)"),
        Copy($"{Meta}service_name", "job"),
        Set("endpoint", endpoint.Text("port") ?? ""),
    ];

    private static IEnumerable<JsonNode> Selector(JsonObject monitor, string role)
    {
        var selector = (JsonObject)((JsonObject)monitor["spec"]!)["selector"]!;
        foreach (var (key, value) in selector["matchLabels"] as JsonObject ?? []) yield return Keep($"{value};true", Value(role, key), Present(role, key));
        foreach (var expression in selector.Objects("matchExpressions"))
        {
            var (key, values) = (expression.Text("key") ?? "", string.Join('|', expression.Texts("values")));
            yield return expression.Text("operator") switch
            {
                "In" => Keep($"({values});true", Value(role, key), Present(role, key)),
                "NotIn" => Drop(Value(role, key), $"({values})"),
                "Exists" => Keep("true", Present(role, key)),
                "DoesNotExist" => Drop(Present(role, key), "true"),
                var other => throw new NotSupportedException($"The selector of {monitor.Text("metadata", "name")} has the operator {other}."),
            };
        }
    }

    private static IEnumerable<JsonNode> Port(JsonObject endpoint, string label) => endpoint.Text("port") is { } port ? [Keep(port, label)] : [];

    private static string Value(string role, string key) => $"{Meta}{role}_label_{Sanitized(key)}";

    private static string Present(string role, string key) => $"{Meta}{role}_labelpresent_{Sanitized(key)}";

    private static string Sanitized(string key) => string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static JsonObject Keep(string regex, params string[] sources) => Rule("keep", regex, sources);

    private static JsonObject Drop(string source, string regex) => Rule("drop", regex, source);

    private static JsonObject Rule(string action, string regex, params string[] sources) => new()
    {
        ["action"] = action,
        ["source_labels"] = ApiObject.List(sources.Select(s => (JsonNode?)s)),
        ["regex"] = regex,
    };

    private static JsonObject Copy(string source, string target) => new() { ["source_labels"] = new JsonArray(source), ["target_label"] = target };

    private static JsonObject Set(string target, string value) => new() { ["target_label"] = target, ["replacement"] = value };
}
