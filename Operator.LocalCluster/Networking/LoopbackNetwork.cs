using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmKube.Operator.LocalCluster.Networking;

/// <summary>
/// A block 127.X.0.0/16 of loopback addresses that this cluster alone uses: one half for pods, one for services. It is held by a
/// listening socket, so two clusters on one machine never share a block, and the end of the process frees it, however it ends.
/// </summary>
internal sealed class LoopbackNetwork : IDisposable
{
    public const int FirstBlock = 64, LastBlock = 126;

    // The last port of the block's first address: neither is ever given to anyone.
    private const int GuardPort = 65_535;
    private const int PodAddresses = 0x7FFE;
    private const int FirstService = 0x8000;

    private readonly Socket _guard;
    private readonly Lock _gate = new();
    private readonly Numbers _pods = new(PodAddresses);
    private readonly Numbers _services = new(PodAddresses);

    private LoopbackNetwork(int block, Socket guard)
    {
        Block = block;
        _guard = guard;
        Services = new(IPAddress.Parse(Text(FirstService)), 17);
    }

    /// <summary>The X of 127.X.0.0/16.</summary>
    public int Block { get; }

    /// <summary>What cluster IPs are taken from when they are to be addresses of this machine: 127.X.128.0/17.</summary>
    public IPNetwork Services { get; }

    /// <summary>Reserves the first block that is free.</summary>
    /// <exception cref="IOException">None is free, or this system has no loopback addresses but 127.0.0.1.</exception>
    public static LoopbackNetwork Reserve()
    {
        SocketException? refused = null;
        for (var block = FirstBlock; block <= LastBlock; block++)
        {
            var guard = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                guard.Bind(new IPEndPoint(new IPAddress([127, (byte)block, 0, 0]), GuardPort));
                guard.Listen();
                return new(block, guard);
            }
            catch (SocketException e)
            {
                guard.Dispose();
                refused = e;
                if (e.SocketErrorCode is SocketError.AddressNotAvailable) break;
            }
        }

        throw new IOException(
            refused!.SocketErrorCode is SocketError.AddressNotAvailable
                ? "Pods and services need loopback addresses beside 127.0.0.1, which this system does not have; Linux has them all."
                : $"No block of loopback addresses is free: port {GuardPort} is taken on each of 127.{FirstBlock}.0.0 to 127.{LastBlock}.0.0 ({refused.Message}). Stop a local cluster that is no longer needed.",
            refused);
    }

    /// <summary>An address for a pod. One that was returned comes again only after all others.</summary>
    /// <exception cref="InvalidOperationException">All are in use.</exception>
    public string TakePodAddress()
    {
        lock (_gate) return Text(_pods.Take());
    }

    /// <summary>Gives back what <see cref="TakePodAddress"/> gave; any other address is none of this network's pods and is left alone.</summary>
    public void ReturnPodAddress(string address)
    {
        lock (_gate) _pods.Return(Number(address));
    }

    /// <summary>An address of <see cref="Services"/>, for a service whose cluster IP is no address of this machine.</summary>
    /// <exception cref="InvalidOperationException">All are in use.</exception>
    public string TakeServiceAddress()
    {
        lock (_gate) return Text(FirstService + _services.Take());
    }

    /// <summary>Gives back what <see cref="TakeServiceAddress"/> gave.</summary>
    public void ReturnServiceAddress(string address)
    {
        lock (_gate) _services.Return(Number(address) - FirstService);
    }

    /// <summary>Frees the block.</summary>
    public void Dispose() => _guard.Dispose();

    private string Text(int number) => string.Create(CultureInfo.InvariantCulture, $"127.{Block}.{number >> 8}.{number & 255}");

    private int Number(string address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.GetAddressBytes() is [127, var block, var high, var low] && block == Block ? (high << 8) | low : 0;

    /// <summary>Numbers from 1 on; the next one always moves on, so that an old address is not soon someone else's.</summary>
    private sealed class Numbers(int count)
    {
        private readonly HashSet<int> _taken = [];
        private int _last;

        public int Take()
        {
            if (_taken.Count == count) throw new InvalidOperationException($"All {count} addresses are in use.");
            do _last = (_last % count) + 1;
            while (!_taken.Add(_last));
            return _last;
        }

        public void Return(int number) => _taken.Remove(number);
    }
}
