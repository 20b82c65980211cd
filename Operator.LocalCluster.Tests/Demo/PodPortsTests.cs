using System.Net;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>Whether pods can have their ports.</summary>
[Platform("Linux")]
public sealed class PodPortsTests
{
    [Test]
    public void A_port_that_is_taken_on_all_addresses_is_said()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.That(() => PodPorts.Check([port]), Throws.TypeOf<CannotRunException>().With.Message.StartsWith($"a program listens on port {port} of all this machine's addresses"));
    }

    [Test]
    public void A_port_that_is_taken_on_another_address_is_free()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Assert.That(() => PodPorts.Check([((IPEndPoint)taken.LocalEndpoint).Port]), Throws.Nothing);
    }
}
