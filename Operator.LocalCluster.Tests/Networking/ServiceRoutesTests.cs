using k8s.Models;
using LlmKube.Operator.LocalCluster.Networking;

namespace LlmKube.Operator.LocalCluster.Tests.Networking;

public sealed class ServiceRoutesTests
{
    private static readonly Dictionary<string, (V1ServiceSpec Service, V1EndpointSlice[] Slices, string Want)> Cases = new()
    {
        ["a ready endpoint gets connections"] = (Service(), [Slice("", 8000, ("10.0.0.1", true))], "80 -> 10.0.0.1:8000"),
        ["one that is not ready gets none"] = (Service(), [Slice("", 8000, ("10.0.0.1", false), ("10.0.0.2", true))], "80 -> 10.0.0.2:8000"),
        ["one that doesn't say is ready"] = (Service(), [Slice("", 8000, ("10.0.0.1", null))], "80 -> 10.0.0.1:8000"),
        ["without slices there is nowhere to go"] = (Service(), [], "80 -> "),
        ["endpoints of all slices count, each once, in order"] =
            (Service(), [Slice("", 8000, ("10.0.0.3", true), ("10.0.0.1", true)), Slice("", 8000, ("10.0.0.1", true), ("10.0.0.2", true))], "80 -> 10.0.0.1:8000,10.0.0.2:8000,10.0.0.3:8000"),
        ["ports find theirs by name"] =
            (new() { ClusterIP = "10.96.0.1", Ports = [new() { Name = "a", Port = 1 }, new() { Name = "b", Port = 2, Protocol = "TCP" }] }, [Slice("b", 22, ("10.0.0.1", true))], "1 -> ; 2 -> 10.0.0.1:22"),
        ["udp is left out"] = (new() { ClusterIP = "10.96.0.1", Ports = [new() { Port = 53, Protocol = "UDP" }, new() { Port = 80 }] }, [Slice("", 8000, ("10.0.0.1", true))], "80 -> 10.0.0.1:8000"),
        ["so is IPv6"] = (Service(), [Slice("", 8000, ("fd00::1", true)).OfType("IPv6"), Slice("", 8000, ("10.0.0.1", true))], "80 -> 10.0.0.1:8000"),
        ["a node port is a port of its own"] = (new() { ClusterIP = "10.96.0.1", Type = "NodePort", Ports = [new() { Port = 80, NodePort = 30_001 }] }, [], "80/30001 -> "),
    };

    public static IEnumerable<string> Stories => Cases.Keys;

    [TestCaseSource(nameof(Stories))]
    public void Connections_go(string story)
    {
        var (service, slices, want) = Cases[story];
        var routes = ServiceRoutes.Of(new() { Spec = service }, slices);
        Assert.That(string.Join("; ", routes.Select(r => $"{r.Port}{(r.NodePort is { } n ? $"/{n}" : "")} -> {string.Join(',', r.Endpoints)}")), Is.EqualTo(want));
    }

    [TestCase("ClusterIP", "10.96.0.7", ExpectedResult = "10.96.0.7")]
    [TestCase("NodePort", "127.64.128.10", ExpectedResult = "127.64.128.10")]
    [TestCase("ClusterIP", "None", ExpectedResult = null)]
    [TestCase("ExternalName", null, ExpectedResult = null)]
    [TestCase("ClusterIP", "fd00::7", ExpectedResult = null)]
    public string? A_service_is_proxied_at(string type, string? clusterIp) => ServiceRoutes.ClusterIp(new() { Spec = new() { Type = type, ClusterIP = clusterIp } })?.ToString();

    private static V1ServiceSpec Service() => new() { ClusterIP = "10.96.0.1", Ports = [new() { Port = 80 }] };

    private static V1EndpointSlice Slice(string port, int number, params (string Address, bool? Ready)[] endpoints) => new()
    {
        AddressType = "IPv4",
        Ports = [new() { Name = port, Port = number, Protocol = "TCP" }],
        Endpoints = [.. endpoints.Select(e => new V1Endpoint { Addresses = [e.Address], Conditions = new() { Ready = e.Ready } })],
    };
}

file static class Slices
{
    public static V1EndpointSlice OfType(this V1EndpointSlice slice, string addressType)
    {
        slice.AddressType = addressType;
        return slice;
    }
}
