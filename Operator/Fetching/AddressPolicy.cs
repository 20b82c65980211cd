using System.Net;
using System.Net.Sockets;

namespace LlmKube.Operator.Fetching;

/// <summary>
/// Which addresses a fetch may connect to. Who may write a Model could otherwise read, from within the cluster, whatever answers there: the cloud's metadata
/// with its credentials, services without a password, the node itself.
/// </summary>
internal sealed class AddressPolicy
{
    // Of clouds, whatever network they are in: AWS, GCP, Azure, OpenStack; ECS tasks; AWS over IPv6; Alibaba; Oracle; Azure's WireServer, a public address.
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("169.254.170.23"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::23"),
        IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("168.63.129.16"),
        IPAddress.Parse("fd20:ce::254"), IPAddress.Parse("fe80::a9fe:a9fe"), IPAddress.Parse("fd00:c1::a9fe:a9fe"),
    ];

    private static readonly string[] MetadataNames = ["metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"];

    // IANA's special-purpose registries, as far as they are not globally reachable.
    private static readonly (IPNetwork Network, string Kind)[] Inner =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "unspecified"), (IPNetwork.Parse("10.0.0.0/8"), "private"), (IPNetwork.Parse("100.64.0.0/10"), "shared"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"), (IPNetwork.Parse("169.254.0.0/16"), "link-local"), (IPNetwork.Parse("172.16.0.0/12"), "private"),
        (IPNetwork.Parse("192.0.0.0/24"), "reserved"), (IPNetwork.Parse("192.168.0.0/16"), "private"), (IPNetwork.Parse("198.18.0.0/15"), "benchmarking"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"), (IPNetwork.Parse("240.0.0.0/4"), "reserved"),
        (IPNetwork.Parse("::/128"), "unspecified"), (IPNetwork.Parse("::1/128"), "loopback"), (IPNetwork.Parse("fc00::/7"), "private"),
        (IPNetwork.Parse("fe80::/10"), "link-local"), (IPNetwork.Parse("fec0::/10"), "site-local"), (IPNetwork.Parse("ff00::/8"), "multicast"), (IPNetwork.Parse("100::/64"), "discard"),
        (IPNetwork.Parse("192.0.2.0/24"), "documentation"), (IPNetwork.Parse("198.51.100.0/24"), "documentation"), (IPNetwork.Parse("203.0.113.0/24"), "documentation"),
        (IPNetwork.Parse("2001:db8::/32"), "documentation"), (IPNetwork.Parse("2001::/32"), "Teredo"), (IPNetwork.Parse("64:ff9b:1::/48"), "NAT64"), (IPNetwork.Parse("::ffff:0:0:0/96"), "translated"),
    ];

    // IPv6 addresses that stand for an IPv4 address (NAT64, 6to4, IPv4-compatible) would carry a request to where IPv4 may not go.
    private static readonly (IPNetwork Network, int Offset)[] Wrapping =
    [
        (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2), (IPNetwork.Parse("::/96"), 12),
    ];

    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    private AddressPolicy() { }

    /// <summary>Only what the whole internet can reach.</summary>
    public static AddressPolicy PublicOnly { get; } = new();

    /// <summary>A policy that allows more.</summary>
    /// <param name="allowed">Host names, IP addresses and CIDR ranges. A host may resolve to anything but metadata addresses.</param>
    /// <exception cref="FormatException">One of them is none of that; the message says which.</exception>
    public static AddressPolicy Allowing(IEnumerable<string> allowed)
    {
        var policy = new AddressPolicy();
        foreach (var entry in allowed)
        {
            if (IPNetwork.TryParse(entry, out var network)) policy._networks.Add(network);
            else if (IPAddress.TryParse(entry.Trim('[', ']'), out var address)) policy._networks.Add(new(address, address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128));
            else if (IsHost(entry)) policy._hosts.Add(entry);
            else throw new FormatException($"'{entry}' is neither a host name nor an IP address nor a range like 10.0.0.0/8");
        }

        return policy;
    }

    /// <summary>Why an address may not be connected to; null if it may.</summary>
    /// <param name="host">The URL's host, from which the address comes.</param>
    /// <param name="address">The very address.</param>
    public string? Refuse(string host, IPAddress address)
    {
        address = Unwrapped(address);
        if (Metadata.Contains(address)) return $"{address} is a cloud's metadata service, which is never allowed";
        if (_hosts.Contains(host.TrimEnd('.')) || _networks.Exists(n => n.Contains(address))) return null;
        var kind = Array.Find(Inner, i => i.Network.Contains(address)).Kind;
        return kind is null ? null : $"{address} is a {kind} address, which the operator's --allowed-source-addresses does not list";
    }

    /// <summary>Why a host may not be asked for through a proxy, which resolves it where we can't see; null if it may.</summary>
    /// <param name="host">The URL's host: a name, or a literal address.</param>
    public string? RefuseByName(string host)
    {
        var name = host.TrimEnd('.');
        if (IPAddress.TryParse(name.Trim('[', ']'), out var literal)) return Refuse(name, literal);
        if (MetadataNames.Contains(name, StringComparer.OrdinalIgnoreCase)) return $"{name} is a cloud's metadata service, which is never allowed";
        if (_hosts.Contains(name)) return null;
        var isLocal = name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return isLocal ? $"{name} is a loopback name, which the operator's --allowed-source-addresses does not list" : null;
    }

    private static bool IsHost(string entry) =>
        entry.Length is > 0 and <= 253 && !entry.Contains('/') && entry.Any(char.IsAsciiLetter) && Uri.CheckHostName(entry) is UriHostNameType.Dns;

    private static IPAddress Unwrapped(IPAddress address)
    {
        if (address.AddressFamily is not AddressFamily.InterNetworkV6) return address;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();

        // A scope would make one address two.
        var bytes = address.GetAddressBytes();
        var plain = new IPAddress(bytes);
        if (plain.Equals(IPAddress.IPv6Any) || plain.Equals(IPAddress.IPv6Loopback)) return plain;
        foreach (var (network, offset) in Wrapping)
        {
            if (network.Contains(plain)) return new(bytes.AsSpan(offset, 4));
        }

        return plain;
    }
}
