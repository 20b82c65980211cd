using System.Net;
using System.Net.Sockets;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>One port of a service and where its connections may go.</summary>
/// <param name="Port">The port on the service's address.</param>
/// <param name="NodePort">The port on 127.0.0.1; null if the service has none.</param>
/// <param name="Endpoints">The ready ones, in an order that doesn't depend on that of the slices.</param>
internal sealed record ServiceRoute(int Port, int? NodePort, IReadOnlyList<IPEndPoint> Endpoints);

/// <summary>Reads from a service and its slices what goes where.</summary>
internal static class ServiceRoutes
{
    private const string Tcp = "TCP";

    /// <summary>The service's address; null for one that connections can't be made to: headless, an external name, or not of IPv4.</summary>
    public static IPAddress? ClusterIp(V1Service service) =>
        service.Spec.Type != "ExternalName" && IPAddress.TryParse(service.Spec.ClusterIP, out var address) && address.AddressFamily is AddressFamily.InterNetwork ? address : null;

    public static IReadOnlyList<ServiceRoute> Of(V1Service service, IReadOnlyCollection<V1EndpointSlice> slices) =>
    [
        .. from port in service.Spec.Ports ?? []
           where (port.Protocol ?? Tcp) == Tcp
           select new ServiceRoute(port.Port, port.NodePort is > 0 and var nodePort ? nodePort : null, Ready(slices, port.Name ?? "")),
    ];

    private static IReadOnlyList<IPEndPoint> Ready(IReadOnlyCollection<V1EndpointSlice> slices, string portName) =>
    [
        .. (from slice in slices
            where slice.AddressType == "IPv4"
            from port in slice.Ports ?? []
            where (port.Name ?? "") == portName && (port.Protocol ?? Tcp) == Tcp && port.Port is > 0
            from endpoint in slice.Endpoints ?? []
            where endpoint.Conditions?.Ready ?? true // What the API says of an absent condition.
            let address = AddressOf(endpoint)
            where address is not null
            select new IPEndPoint(address, port.Port ?? 0)).Distinct().OrderBy(e => e.ToString(), StringComparer.Ordinal),
    ];

    // All addresses of an endpoint are the same pod's.
    private static IPAddress? AddressOf(V1Endpoint endpoint) => IPAddress.TryParse(endpoint.Addresses?.FirstOrDefault(), out var address) ? address : null;
}
