using System.Text;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A container's variables: those of config maps and secrets, then its own, each of which may name those before it.</summary>
internal static class ContainerEnvironment
{
    /// <exception cref="PodSetupException">A source is missing.</exception>
    public static async Task<Dictionary<string, string>> BuildAsync(V1Pod pod, V1Container container, string address, IReadOnlyDictionary<string, string> allocatable, PodObjects objects, CancellationToken cancellation)
    {
        var (ns, variables) = (pod.Metadata.NamespaceProperty, new Dictionary<string, string>());
        foreach (var source in container.EnvFrom ?? [])
        {
            var (what, content, optional) = source switch
            {
                { ConfigMapRef: { } map } => ($"configmap \"{map.Name}\"", await objects.ConfigMapAsync(ns, map.Name, cancellation), map.Optional),
                { SecretRef: { } secret } => ($"secret \"{secret.Name}\"", await objects.SecretAsync(ns, secret.Name, cancellation), secret.Optional),
                _ => throw PodSetupException.Configuration("envFrom names neither a config map nor a secret"),
            };
            if (content is null && optional != true) throw PodSetupException.Configuration($"{what} not found");
            foreach (var (key, bytes) in content ?? new Dictionary<string, byte[]>()) variables[source.Prefix + key] = Encoding.UTF8.GetString(bytes);
        }

        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is { } from
                ? await ValueAsync(pod, container, from, address, allocatable, objects, cancellation)
                : VariableExpansion.Expand(variable.Value ?? "", variables);
            if (value is not null) variables[variable.Name] = value;
        }

        return variables;
    }

    private static async Task<string?> ValueAsync(V1Pod pod, V1Container container, V1EnvVarSource from, string address, IReadOnlyDictionary<string, string> allocatable, PodObjects objects, CancellationToken cancellation)
    {
        var ns = pod.Metadata.NamespaceProperty;
        return from switch
        {
            { FieldRef: { } field } => PodFields.Value(pod, field.FieldPath, address),
            { ResourceFieldRef: { } resource } => PodFields.Value(pod, container, resource, allocatable),
            { ConfigMapKeyRef: { } map } => Key($"configmap \"{map.Name}\"", await objects.ConfigMapAsync(ns, map.Name, cancellation), map.Key, map.Optional),
            { SecretKeyRef: { } secret } => Key($"secret \"{secret.Name}\"", await objects.SecretAsync(ns, secret.Name, cancellation), secret.Key, secret.Optional),
            _ => throw PodSetupException.Configuration("valueFrom names no source that this node has"),
        };
    }

    private static string? Key(string what, IReadOnlyDictionary<string, byte[]>? content, string key, bool? optional)
    {
        if (content?.TryGetValue(key, out var bytes) == true) return Encoding.UTF8.GetString(bytes);
        if (optional == true) return null;
        throw PodSetupException.Configuration(content is null ? $"{what} not found" : $"couldn't find key {key} in {what}");
    }
}
