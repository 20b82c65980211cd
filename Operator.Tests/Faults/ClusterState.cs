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
        var (client, ns) = (cluster.Client, cluster.Namespace);
        var text = new StringBuilder();
        Add(await cluster.AllModelsAsync());
        Add(await cluster.AllServicesAsync());
        Add((await client.AppsV1.ListNamespacedDeploymentAsync(ns)).Items);
        Add((await client.CoreV1.ListNamespacedServiceAsync(ns)).Items);
        Add((await client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(ns)).Items);
        Add((await client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(ns)).Items);
        Add((await client.BatchV1.ListNamespacedJobAsync(ns)).Items);
        return text.ToString();

        void Add<T>(IEnumerable<T> objects)
            where T : IKubernetesObject<V1ObjectMeta>
        {
            foreach (var one in objects.OrderBy(o => o.Metadata.Name, StringComparer.Ordinal))
            {
                var json = JsonNode.Parse(KubernetesJson.Serialize(one))!;
                Forget(json);
                text.Append(typeof(T).Name).Append(' ').AppendLine(Uid().Replace(Time().Replace(json.ToJsonString(), "\"(time)\""), "(uid)").Replace(ns, "(namespace)", StringComparison.Ordinal));
            }
        }
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
