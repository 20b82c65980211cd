using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer.Objects;
using LlmKube.Operator.LocalCluster.ApiServer.Storage;

namespace LlmKube.Operator.LocalCluster.ApiServer.Rules;

/// <summary>Cluster IPs from 10.96.0.0/16 and node ports from 30000 to 32767, each given once while a service holds it.</summary>
internal sealed class AddressPool(ObjectStore store)
{
    private const int FirstAddress = 10, Addresses = 65_000, FirstPort = 30_000, Ports = 2_768;

    // Invariant: the next candidates only move on, so two services created at once never get the same one.
    private readonly Lock _gate = new();
    private int _address;
    private int _port;

    public string NextAddress()
    {
        lock (_gate)
        {
            var taken = Services().Select(s => s.Text("spec", "clusterIP")).ToHashSet(StringComparer.Ordinal);
            for (var tries = 0; tries < Addresses; tries++)
            {
                var number = FirstAddress + _address++ % Addresses;
                var address = $"10.96.{number >> 8}.{number & 255}";
                if (!taken.Contains(address)) return address;
            }

            throw new InvalidOperationException("All cluster IPs are in use.");
        }
    }

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

    private IEnumerable<JsonObject> Services() => store.Current("/services").Contents.Select(s => s.Json);
}
