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

    /// <summary>What <see cref="IsMountPath"/> takes.</summary>
    public const string MountPathRule = $"must be an absolute path without '..' and ':'; not '/', and not '{Scratch.Path}', where servers write";

    /// <summary>What <see cref="Switch"/> takes.</summary>
    public const string SwitchRule = "must be true or false";

    /// <summary>Yes or no, also as Go writes them.</summary>
    public static bool? Switch(string text) => text.ToLowerInvariant() switch
    {
        "true" or "t" or "1" => true,
        "false" or "f" or "0" => false,
        _ => null,
    };

    /// <summary>How much is logged in the Go operator's notation; 1 is debug.</summary>
    public static int? Verbosity(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var verbosity) && verbosity is >= 1 and <= 127 ? verbosity : null;

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

    /// <summary>A folder in the one spelling that paths of sources have, too: no double, trailing or dotted steps.</summary>
    public static string? Folder(string text)
    {
        if (text[0] != '/' || text.Split('/').Contains("..")) return null;
        var normal = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        return normal == "/" ? null : normal;
    }

    /// <summary>True for an absolute path at which pods can mount something beside their scratch space.</summary>
    public static bool IsMountPath(string text) => text is ['/', _, ..] && !text.Contains(':') && Folder(text) is { } folder && folder != Scratch.Path;

    /// <summary>True for a name without a folder.</summary>
    public static bool IsFileName(string text) => !text.Contains('/');

    public static bool IsNamespace(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && text[0] != '-' && text[^1] != '-';

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

    /// <summary>The name of a Secret.</summary>
    public static string? SecretName(string text) => IsSubdomain(text) ? text : null;

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
