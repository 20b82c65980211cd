using k8s.Models;
using System.Reflection;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The schemas of the built-in kinds, read from KubernetesClient's model types.</summary>
internal static class BuiltInSchemas
{
    private static readonly Lazy<Dictionary<(string Group, string Version, string Kind), Type>> Kinds = new(() =>
        typeof(V1Pod).Assembly.GetExportedTypes()
            .Select(type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: false)))
            .Where(found => found.Entity is not null)
            .GroupBy(found => (found.Entity!.Group ?? "", found.Entity.ApiVersion, found.Entity.Kind))
            .ToDictionary(group => group.Key, group => group.First().Type));

    /// <summary>What every object's metadata looks like.</summary>
    public static Schema ObjectMeta { get; } = ModelReflector.Reflect(typeof(V1ObjectMeta));

    /// <summary>Null when the kind is not built in.</summary>
    public static Schema? For(string group, string version, string kind) =>
        ModelType(group, version, kind) is { } type ? ModelReflector.Reflect(type) : null;

    /// <summary>The model type of a built-in kind, null when the kind is not built in.</summary>
    public static Type? ModelType(string group, string version, string kind) =>
        Kinds.Value.GetValueOrDefault((group, version, kind));
}
