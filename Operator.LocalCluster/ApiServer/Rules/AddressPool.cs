using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Cluster IPs from a range and node ports from 30000 to 32767, each given once while a service holds it.</summary>
internal sealed class AddressPool(ObjectStore store, IPNetwork range)
{
    private const int FirstAddress = 10, FirstPort = 30_000, Ports = 2_768;

    // The range's first and last address are never given.
    private readonly uint _base = BinaryPrimitives.ReadUInt32BigEndian(range.BaseAddress.GetAddressBytes());
    private readonly int _addresses = (1 << (32 - range.PrefixLength)) - FirstAddress - 1;

    // Invariant: the next candidates only move on, so two services created at once never get the same one.
    private readonly Lock _gate = new();
    private int _address;
    private int _port;

    /// <summary>Where cluster IPs are from.</summary>
    public IPNetwork Range => range;

    public string NextAddress()
    {
        lock (_gate)
        {
            var taken = Services().Select(s => s.Text("spec", "clusterIP")).ToHashSet(StringComparer.Ordinal);
            for (var tries = 0; tries < _addresses; tries++)
            {
                var address = At(FirstAddress + _address);
                _address = (_address + 1) % _addresses;
                if (!taken.Contains(address)) return address;
            }

            throw new InvalidOperationException($"All cluster IPs of {range} are in use.");
        }
    }

    /// <summary>Whether an address is of the range and may be a service's.</summary>
    public bool Covers(IPAddress address) =>
        range.Contains(address) && !address.Equals(range.BaseAddress) && BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) != _base + (1u << (32 - range.PrefixLength)) - 1;

    public bool IsTaken(string address) => Services().Any(s => s.Text("spec", "clusterIP") == address);

    public int NextPort()
    {
        lock (_gate)
        {
            var taken = Services().SelectMany(s => s.Objects("spec", "ports")).Select(p => p.Number("nodePort")).ToHashSet();
            for (var tries = 0; tries < Ports; tries++)
            {
                var port = FirstPort + _port++ % Ports;
                if (!taken.Contains(port)) return port;
            }

            throw new InvalidOperationException("All node ports are in use.");
        }
    }

    private string At(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _base + (uint)number);
        return new IPAddress(bytes).ToString();
    }

    private IEnumerable<JsonObject> Services() => store.Current("/services").Contents.Select(s => s.Json);
}
