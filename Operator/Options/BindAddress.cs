using System.Globalization;
using System.Net;

namespace LlmKube.Operator.Options;

/// <summary>Where to listen, in the Go operator's notation: <c>:8080</c>, <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, or <c>0</c> for nowhere.</summary>
/// <param name="Address">The interface; null: all of them.</param>
/// <param name="Port">The port; 0: any free one; null: don't listen.</param>
internal sealed record BindAddress(IPAddress? Address, int? Port)
{
    /// <summary>Don't listen.</summary>
    public static BindAddress Off { get; } = new(null, null);

    /// <summary>All interfaces.</summary>
    public static BindAddress Any(int port) => new(null, port);

    /// <summary>This machine only; port 0 is any free one.</summary>
    public static BindAddress Loopback(int port) => new(IPAddress.Loopback, port);

    /// <summary>False if nothing is to be served.</summary>
    public bool IsOn => Port is not null;

    /// <summary>True if not both can be listened at.</summary>
    public bool Overlaps(BindAddress other) =>
        Port is > 0 && Port == other.Port && (IsEverywhere || other.IsEverywhere || Address!.Equals(other.Address) || IsAllOf(other.Address!) || other.IsAllOf(Address));

    // IPv6's is for IPv4 as well.
    private bool IsEverywhere => Address is null || Address.Equals(IPAddress.IPv6Any);

    private bool IsAllOf(IPAddress one) => Address!.Equals(IPAddress.Any) && one.AddressFamily == Address.AddressFamily;

    /// <summary>Reads the notation.</summary>
    /// <returns>Null if the text is none.</returns>
    public static BindAddress? TryParse(string text)
    {
        if (text == "0") return Off;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535) return null;
        var host = text[..colon];
        if (host.Length == 0) return Any(port);
        if (host == "localhost") return Loopback(port);
        var bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return IPAddress.TryParse(bare, out var address) && bare.Contains(':') == (bare.Length != host.Length) ? new(address, port) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Port is null ? "0" : Address is null ? $":{Port}" : new IPEndPoint(Address, Port.Value).ToString();
}
