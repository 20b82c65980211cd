using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>
/// All that an operator is answerable for in a namespace, as text, without what differs from run to run: uids, versions, times, addresses. Two runs that
/// ended alike have the same text; how often a Deployment was rolled out is part of it.
/// </summary>
internal static partial class ClusterState
{
    private static readonly string[] s_chance = ["resourceVersion", "creationTimestamp", "managedFields", "clusterIP", "clusterIPs", "nodePort", "volumeName", Annotations.DesiredHash, Annotations.AppliedFor];
    private static readonly string[] s_history =
    [
        "generation", "observedGeneration", "readyGeneration", "rolledOutRevision", Annotations.DeploymentRevision,
        "allocateLoadBalancerNodePorts", "externalTrafficPolicy", "healthCheckNodePort",
    ];

    public static async Task<string> ReadAsync(StoryCluster cluster)
    {
        var text = new StringBuilder();
        foreach (var one in await ObjectsAsync(cluster)) text.Append(one.GetType().Name).Append(' ').AppendLine(Of(one, cluster.Namespace));

        return text.ToString();
    }

    /// <summary>The version of each object: what has had an effect meanwhile has another.</summary>
    public static async Task<IReadOnlyList<string>> VersionsAsync(StoryCluster cluster) =>
        [.. (await ObjectsAsync(cluster)).Select(one => $"{one.GetType().Name} {one.Metadata.Name} {one.Metadata.Uid} {one.Metadata.ResourceVersion}")];

    private static async Task<IReadOnlyList<IKubernetesObject<V1ObjectMeta>>> ObjectsAsync(StoryCluster cluster)
    {
        var (client, ns) = (cluster.Client, cluster.Namespace);
        return
        [
            .. Sorted(await cluster.AllModelsAsync()),
            .. Sorted(await cluster.AllServicesAsync()),
            .. Sorted((await client.AppsV1.ListNamespacedDeploymentAsync(ns)).Items),
            .. Sorted((await client.CoreV1.ListNamespacedServiceAsync(ns)).Items),
            .. Sorted((await client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(ns)).Items),
            .. Sorted((await client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(ns)).Items),
            .. Sorted((await client.BatchV1.ListNamespacedJobAsync(ns)).Items),
        ];

        static IEnumerable<IKubernetesObject<V1ObjectMeta>> Sorted<T>(IEnumerable<T> objects)
            where T : IKubernetesObject<V1ObjectMeta> => objects.OrderBy(o => o.Metadata.Name, StringComparer.Ordinal).Cast<IKubernetesObject<V1ObjectMeta>>();
    }

    /// <summary>The text of one object.</summary>
    public static string Of(IKubernetesObject<V1ObjectMeta> one, string @namespace)
    {
        var json = Without(s_chance, JsonNode.Parse(KubernetesJson.Serialize(one)))!.ToJsonString();
        return Uid().Replace(Time().Replace(json, "\"(time)\""), "(uid)").Replace(@namespace, "(namespace)", StringComparison.Ordinal);
    }

    /// <summary>A text without how often things were changed: generations, revisions of Deployments, and what servers leave of the types that a Service has had.</summary>
    public static string WithoutHistory(string state) => string.Join('\n', state.Split('\n').Select(line =>
        line.IndexOf('{', StringComparison.Ordinal) is >= 0 and var start ? line[..start] + Without(s_history, JsonNode.Parse(line[start..]))!.ToJsonString() : line));

    // Fields in the order of their names: not every server keeps it when fields come and go.
    private static JsonNode? Without(string[] names, JsonNode? node) => node switch
    {
        JsonArray list => new JsonArray([.. list.Select(item => Without(names, item))]),
        JsonObject fields => new JsonObject(
            fields.Where(f => !names.Contains(f.Key)).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, Without(names, f.Value)))),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex("\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\"")]
    private static partial Regex Time();
}
