using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>The downward API: what a container can ask of its pod.</summary>
internal static partial class PodFields
{
    /// <exception cref="PodSetupException">The field can't be asked for.</exception>
    public static string Value(V1Pod pod, string field, string address)
    {
        if (Keyed().Match(field) is { Success: true } keyed)
        {
            var map = keyed.Groups["map"].Value == "labels" ? pod.Metadata.Labels : pod.Metadata.Annotations;
            return map?.TryGetValue(keyed.Groups["key"].Value, out var value) == true ? value : "";
        }

        return field switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.hostIP" or "status.hostIPs" => NodeAgent.HostAddress,
            "status.podIP" or "status.podIPs" => address,
            _ => throw PodSetupException.Configuration($"fieldRef: {field} is not supported"),
        };
    }

    /// <summary>
    /// A container's request or limit, in whole multiples of the divisor, rounded up. Without a limit it is what the node can give,
    /// without a request the limit, else nothing.
    /// </summary>
    public static string Value(V1Pod pod, V1Container container, V1ResourceFieldSelector selector, IReadOnlyDictionary<string, string> allocatable)
    {
        var owner = selector.ContainerName is { Length: > 0 } name ? pod.Spec.Containers.FirstOrDefault(c => c.Name == name) ?? container : container;
        var (kind, resource) = selector.Resource.Split('.', 2) is [var k, var r] ? (k, r) : ("", selector.Resource);
        var (limit, request) = (owner.Resources?.Limits, owner.Resources?.Requests);
        var quantity = kind == "requests" && request?.TryGetValue(resource, out var asked) == true ? asked
            : limit?.TryGetValue(resource, out var most) == true ? most
            : new ResourceQuantity(kind == "limits" ? allocatable.GetValueOrDefault(resource, "0") : "0");
        var divisor = selector.Divisor?.ToDecimal() is { } given and > 0 ? given : 1;
        return Math.Ceiling(quantity.ToDecimal() / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private static string Lines(IDictionary<string, string>? map) =>
        string.Join('\n', (map ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}=\"{p.Value}\""));

    [GeneratedRegex(@"^metadata\.(?<map>labels|annotations)\['(?<key>[^']+)'\]$")]
    private static partial Regex Keyed();
}
