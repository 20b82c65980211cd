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
    private static readonly string[] s_chance = ["resourceVersion", "creationTimestamp", "managedFields", "clusterIP", "clusterIPs", "nodePort", "volumeName", Annotations.DesiredHash];

    public static async Task<string> ReadAsync(StoryCluster cluster)
    {
        var text = new StringBuilder();
        foreach (var one in await ObjectsAsync(cluster))
        {
            var json = JsonNode.Parse(KubernetesJson.Serialize(one))!;
            Forget(json);
            text.Append(one.GetType().Name).Append(' ')
                .AppendLine(Uid().Replace(Time().Replace(json.ToJsonString(), "\"(time)\""), "(uid)").Replace(cluster.Namespace, "(namespace)", StringComparison.Ordinal));
        }

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

    private static void Forget(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) Forget(item);
        }
        else if (node is JsonObject fields)
        {
            foreach (var name in s_chance) fields.Remove(name);
            foreach (var (_, value) in fields) Forget(value);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex("\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\"")]
    private static partial Regex Time();
}
