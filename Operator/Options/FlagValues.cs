using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Options;

/// <summary>Reads the values of flags; null is "not a value".</summary>
internal static partial class FlagValues
{
    /// <summary>What <see cref="SourceAddress"/> takes.</summary>
    public const string SourceAddressRule = "must be a host name, an IP address, or a CIDR block that begins with its first address, such as 10.0.0.0/8";

    /// <summary>What <see cref="Endpoint"/> takes.</summary>
    public const string EndpointRule = "must be an http or https URL without user, query and fragment";

    public static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 256 ? count : null;

    /// <summary>How many there may be at once; 0: no bound.</summary>
    public static int? Bound(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 10_000 ? count : null;

    public static LogLevel? Level(string text) => text.ToLowerInvariant() switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "information" or "info" => LogLevel.Information,
        "warning" or "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => null,
    };

    public static LogFormat? Format(string text) => text.ToLowerInvariant() switch
    {
        "text" or "console" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => null,
    };

    /// <summary>Folders in the one spelling that paths of sources have, too: no double, trailing or dotted steps.</summary>
    public static IReadOnlyList<string>? Folders(string text)
    {
        var folders = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (folders.Any(f => f[0] != '/' || f.Split('/').Contains(".."))) return null;
        string[] normal = [.. folders.Select(f => Path.TrimEndingDirectorySeparator(Path.GetFullPath(f)))];
        return normal.Contains("/") ? null : normal;
    }

    public static bool IsNamespace(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && text[0] != '-' && text[^1] != '-';

    /// <summary>Hosts, addresses and CIDR blocks, separated by commas, each in its one spelling.</summary>
    public static IReadOnlyList<string>? SourceAddresses(string text)
    {
        var given = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] addresses = [.. given.Select(SourceAddress).OfType<string>()];
        return addresses.Length == given.Length ? addresses : null;
    }

    /// <summary>A host in lower case, an address or a CIDR block in its one spelling.</summary>
    public static string? SourceAddress(string text)
    {
        if (text.Contains('/')) return ReadBlock(text, text[..text.IndexOf('/', StringComparison.Ordinal)]);
        if (IsPlain(text)) return IPAddress.Parse(text).ToString();
        return text.Length <= 253 && HostName().IsMatch(text) ? text.ToLowerInvariant() : null;
    }

    private static string? ReadBlock(string text, string first) =>
        IPNetwork.TryParse(text, out var block) && IsPlain(first) && block.BaseAddress.Equals(IPAddress.Parse(first)) ? block.ToString() : null;

    /// <summary>A URL that paths are put behind.</summary>
    public static Uri? Endpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
            ? url
            : null;

    /// <summary>True for a registry, with a path or without, that the name of an image can be put behind.</summary>
    public static bool IsImagePath(string text) => text.Length <= 253 && ImagePath().IsMatch(text);

    /// <summary>A build of the server and its image.</summary>
    public static (string Build, string Image)? ServerImage(string text) =>
        text.Split('=', 2) is [var build, { Length: > 0 and <= 512 } image] && ServerBuilds.All.Contains(build) && !image.Any(char.IsWhiteSpace) ? (build, image) : null;

    /// <summary>A SHA-256 in lower case.</summary>
    public static string? Sha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;

    /// <summary>True for a name of most kinds of objects.</summary>
    public static bool IsSubdomain(string text) => text.Length <= 253 && Subdomain().IsMatch(text);

    // The library also reads 127.1 and 0x7f000001 as addresses, zones, which mean nothing elsewhere, and ports, which it drops.
    private static bool IsPlain(string text) =>
        IPAddress.TryParse(text, out var address)
        && !text.AsSpan().ContainsAny('%', '[')
        && (address.AddressFamily is AddressFamily.InterNetworkV6 || address.ToString() == text);

    [GeneratedRegex(@"^[A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*\z")]
    private static partial Regex ImagePath();

    // A last step of digits would make it an address.
    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex HostName();

    // Alone, the pattern's $ lets a line end pass.
    [GeneratedRegex(Names.SubdomainPattern + @"\z")]
    private static partial Regex Subdomain();
}
