using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;

namespace LlmKube.Operator.LocalCluster.ApiServer.Registry;

/// <summary>What a field selector can ask of a kind, beyond metadata.name and metadata.namespace.</summary>
internal static class SelectableFields
{
    public static readonly IReadOnlyDictionary<string, Func<JsonObject, string>> Pod = Of(
        ("spec.nodeName", o => o.Text("spec", "nodeName")),
        ("spec.restartPolicy", o => o.Text("spec", "restartPolicy")),
        ("spec.schedulerName", o => o.Text("spec", "schedulerName")),
        ("spec.serviceAccountName", o => o.Text("spec", "serviceAccountName")),
        ("spec.hostNetwork", o => o.Flag("spec", "hostNetwork") ? "true" : "false"),
        ("status.phase", o => o.Text("status", "phase")),
        ("status.podIP", o => o.Text("status", "podIP")),
        ("status.nominatedNodeName", o => o.Text("status", "nominatedNodeName")));

    public static readonly IReadOnlyDictionary<string, Func<JsonObject, string>> Event = Of(
        ("involvedObject.kind", o => o.Text("involvedObject", "kind")),
        ("involvedObject.namespace", o => o.Text("involvedObject", "namespace")),
        ("involvedObject.name", o => o.Text("involvedObject", "name")),
        ("involvedObject.uid", o => o.Text("involvedObject", "uid")),
        ("involvedObject.apiVersion", o => o.Text("involvedObject", "apiVersion")),
        ("involvedObject.resourceVersion", o => o.Text("involvedObject", "resourceVersion")),
        ("involvedObject.fieldPath", o => o.Text("involvedObject", "fieldPath")),
        ("reason", o => o.Text("reason")),
        ("reportingComponent", o => o.Text("reportingComponent")),
        ("source", o => o.Text("source", "component") ?? o.Text("reportingComponent")),
        ("type", o => o.Text("type")));

    public static IReadOnlyDictionary<string, Func<JsonObject, string>> Of(params (string Path, Func<JsonObject, string?> Value)[] fields) =>
        fields.ToDictionary(f => f.Path, f => (Func<JsonObject, string>)(o => f.Value(o) ?? ""), StringComparer.Ordinal);

    /// <summary>The selectable fields of a custom resource, given as paths such as ".spec.color".</summary>
    public static IReadOnlyDictionary<string, Func<JsonObject, string>> OfPaths(IEnumerable<string> paths) => Of([.. paths.Select(path =>
    {
        var steps = path.TrimStart('.').Split('.');
        return (string.Join('.', steps), (Func<JsonObject, string?>)(o => o.At(steps)?.ToString()));
    })]);
}
