using System.Globalization;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Endpoints;

/// <summary>Turns a Service and its pods into the addresses behind it.</summary>
internal static class EndpointBuilder
{
    private const int SliceSize = 100;

    /// <summary>Slices of at most 100 endpoints, one group of slices for each set of port numbers; names are stable.</summary>
    public static IReadOnlyList<V1EndpointSlice> Slices(V1Service service, IEnumerable<V1Pod> pods, Func<V1Pod, bool> isDeleting, Func<string?, string?> zoneOf)
    {
        var groups = pods.Where(HasAddress)
            .GroupBy(p => string.Join(',', Ports(service, p).Select(x => $"{x.Name}:{x.Port}/{x.Protocol}")))
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        var slices = new List<V1EndpointSlice>();
        foreach (var group in groups)
        {
            foreach (var chunk in group.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Chunk(SliceSize))
            {
                slices.Add(Slice(service, slices.Count, Ports(service, chunk[0]), [.. chunk.Select(p => Endpoint(service, p, isDeleting(p), zoneOf))]));
            }
        }

        return slices.Count > 0 ? slices : [Slice(service, 0, [], [])];
    }

    public static V1Endpoints Endpoints(V1Service service, IEnumerable<V1Pod> pods, Func<V1Pod, bool> isDeleting)
    {
        var subsets = pods.Where(p => HasAddress(p) && !isDeleting(p))
            .GroupBy(p => string.Join(',', Ports(service, p).Select(x => $"{x.Name}:{x.Port}/{x.Protocol}")))
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g =>
            {
                var sorted = g.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).ToLookup(p => IsServing(service, p));
                return new V1EndpointSubset
                {
                    Addresses = NullIfEmpty(sorted[true].Select(Address)),
                    NotReadyAddresses = NullIfEmpty(sorted[false].Select(Address)),
                    Ports = NullIfEmpty(Ports(service, g.First()).Select(p => new Corev1EndpointPort { Name = p.Name, Port = p.Port ?? 0, Protocol = p.Protocol })),
                };
            });
        return new()
        {
            Metadata = new() { Name = service.Metadata.Name, NamespaceProperty = service.Metadata.NamespaceProperty, Labels = service.Metadata.Labels },
            Subsets = NullIfEmpty(subsets),
        };
    }

    private static V1EndpointSlice Slice(V1Service service, int number, List<Discoveryv1EndpointPort> ports, List<V1Endpoint> endpoints) => new()
    {
        Metadata = new()
        {
            Name = $"{service.Metadata.Name}-{number.ToString(CultureInfo.InvariantCulture)}",
            NamespaceProperty = service.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
            {
                ["kubernetes.io/service-name"] = service.Metadata.Name,
                ["endpointslice.kubernetes.io/managed-by"] = EndpointController.Manager,
            },
            OwnerReferences = [service.AsController()],
        },
        AddressType = "IPv4",
        Ports = ports,
        Endpoints = endpoints,
    };

    private static V1Endpoint Endpoint(V1Service service, V1Pod pod, bool isDeleting, Func<string?, string?> zoneOf)
    {
        var serving = IsServing(service, pod);
        return new()
        {
            Addresses = [pod.Status.PodIP],
            Conditions = new() { Ready = service.Spec.PublishNotReadyAddresses == true || (serving && !isDeleting), Serving = serving, Terminating = isDeleting },
            NodeName = pod.Spec.NodeName,
            Zone = zoneOf(pod.Spec.NodeName),
            Hostname = pod.Spec.Subdomain == service.Metadata.Name ? pod.Spec.Hostname : null,
            TargetRef = Target(pod),
        };
    }

    private static V1EndpointAddress Address(V1Pod pod) => new() { Ip = pod.Status.PodIP, NodeName = pod.Spec.NodeName, TargetRef = Target(pod) };

    private static V1ObjectReference Target(V1Pod pod) =>
        new() { Kind = "Pod", NamespaceProperty = pod.Metadata.NamespaceProperty, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };

    private static bool HasAddress(V1Pod pod) => !string.IsNullOrEmpty(pod.Status?.PodIP) && !pod.IsTerminal();

    private static bool IsServing(V1Service service, V1Pod pod) => pod.IsReady() || service.Spec.PublishNotReadyAddresses == true;

    /// <summary>A port whose target name the pod doesn't have is left out.</summary>
    private static List<Discoveryv1EndpointPort> Ports(V1Service service, V1Pod pod)
    {
        var ports = new List<Discoveryv1EndpointPort>();
        foreach (var port in service.Spec.Ports ?? [])
        {
            var protocol = port.Protocol ?? "TCP";
            var number = Number(port.TargetPort?.Value, port.Port, protocol, pod);
            if (number is not null) ports.Add(new() { Name = port.Name ?? "", Port = number, Protocol = protocol, AppProtocol = port.AppProtocol });
        }

        return ports;
    }

    private static int? Number(string? target, int port, string protocol, V1Pod pod)
    {
        if (string.IsNullOrEmpty(target) || target == "0") return port;
        if (int.TryParse(target, CultureInfo.InvariantCulture, out var number)) return number;
        return pod.Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == target && (p.Protocol ?? "TCP") == protocol)?.ContainerPort;
    }

    private static List<T>? NullIfEmpty<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } list ? list : null;
}
