using System.Net;
using System.Net.Sockets;
using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>
/// Pods have addresses of their own on this machine, so their ports are free, unless another program listens on a port of all addresses.
/// </summary>
internal static class PodPorts
{
    /// <summary>The ports of the operator's pod and of the sample's.</summary>
    public static IReadOnlyList<int> Needed { get; } = [8080, 8081, 8443];

    // In no cluster's block.
    private static readonly IPAddress s_probe = IPAddress.Parse("127.63.255.254");

    /// <exception cref="CannotRunException">One is taken.</exception>
    public static void Check(IReadOnlyList<int> ports)
    {
        foreach (var port in ports)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(s_probe, port));
                socket.Listen();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable)
            {
                return; // A system with one loopback address, which the cluster will say.
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                throw new CannotRunException($"a program listens on port {port} of all this machine's addresses, which pods need on theirs; stop it, or let it listen on 127.0.0.1:{port} only");
            }
        }
    }
}
