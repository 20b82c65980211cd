using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Errors;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Registry;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;
using LlmKube.Operator.LocalCluster.ApiServer.Writing;

namespace LlmKube.Operator.LocalCluster.ApiServer.Admission.PodSecurity;

/// <summary>
/// Holds pods to the level of the Pod Security Standards that their namespace enforces, and warns of pods, and of what makes pods, that its other level forbids. What makes pods is never
/// refused: its pods are.
/// </summary>
internal sealed class PodSecurityAdmission(ObjectStore store)
{
    private const string Prefix = "pod-security.kubernetes.io/";

    private static readonly Dictionary<string, string[]> Templates = new()
    {
        ["Deployment"] = ["spec", "template", "spec"],
        ["ReplicaSet"] = ["spec", "template", "spec"],
        ["StatefulSet"] = ["spec", "template", "spec"],
        ["DaemonSet"] = ["spec", "template", "spec"],
        ["Job"] = ["spec", "template", "spec"],
        ["CronJob"] = ["spec", "jobTemplate", "spec", "template", "spec"],
    };

    /// <summary>Refuses a new pod.</summary>
    public void Admit(ResourceDefinition resource, string @namespace, JsonObject pod)
    {
        if (Level(@namespace, "enforce") is var (level, label) && PodSecurityChecks.Violations(level, Spec(pod)) is { Length: > 0 } violations)
        {
            throw ApiException.Forbidden(resource.GroupResource, pod.Name, $"violates PodSecurity \"{label}\": {violations}");
        }
    }

    /// <summary>Warns of an object of a kind that has pods, or is one.</summary>
    public void Warn(ResourceDefinition resource, string @namespace, JsonObject json, WriteOptions options)
    {
        if (resource.IsCustom || Spec(resource.Kind, json) is not { } spec) return;
        if (Level(@namespace, "warn") is var (level, label) && PodSecurityChecks.Violations(level, spec) is { Length: > 0 } violations)
        {
            options.Warnings.Add($"would violate PodSecurity \"{label}\": {violations}");
        }
    }

    private static JsonObject? Spec(string kind, JsonObject json) =>
        kind == "Pod" ? Spec(json) : Templates.TryGetValue(kind, out var path) ? json.At(path) as JsonObject : null;

    private static JsonObject Spec(JsonObject pod) => pod["spec"] as JsonObject ?? [];

    private (PodSecurityLevel Level, string Label)? Level(string @namespace, string mode)
    {
        if (store.Find("/namespaces", @namespace)?.Json.Labels is not { } labels || !labels.TryGetValue(Prefix + mode, out var said)) return null;
        var version = labels.GetValueOrDefault($"{Prefix}{mode}-version", "latest");
        return said switch
        {
            "privileged" => null,
            "baseline" => (PodSecurityLevel.Baseline, $"baseline:{version}"),

            // As a real server does with a level that it doesn't know.
            _ => (PodSecurityLevel.Restricted, $"restricted:{version}"),
        };
    }
}
