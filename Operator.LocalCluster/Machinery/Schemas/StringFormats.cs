using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmKube.Operator.LocalCluster.Machinery;

/// <summary>The formats that the real server checks; any other format is a hint to readers and accepts everything.</summary>
internal static class StringFormats
{
    private static readonly Dictionary<string, Func<string, bool>> Checks = new()
    {
        ["date"] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["date-time"] = IsDateTime,
        ["datetime"] = IsDateTime,
        ["duration"] = IsDuration,
        ["byte"] = text => Base64.IsValid(Encoding.UTF8.GetBytes(text)),
        ["ipv4"] = text => IsAddress(text, AddressFamily.InterNetwork),
        ["ipv6"] = text => IsAddress(text, AddressFamily.InterNetworkV6),
        ["cidr"] = IsCidr,
        ["mac"] = text => GoPattern.IsMatch("^([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2}[:-]?){1}([0-9A-Fa-f]{2}[:-]){0,13}([0-9A-Fa-f]{2})?$", text) || GoPattern.IsMatch(@"^([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$", text),
        ["uuid"] = text => GoPattern.IsMatch("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", text),
        ["uuid3"] = text => GoPattern.IsMatch("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$", text),
        ["uuid4"] = text => GoPattern.IsMatch("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", text),
        ["uuid5"] = text => GoPattern.IsMatch("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", text),
        ["email"] = text => GoPattern.IsMatch(@"^[^\s@<>()]+@[^\s@<>()]+$", text),
        ["hostname"] = text => text.Length is > 0 and <= 255
            && GoPattern.IsMatch(@"^([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9_])?)(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9_])?)*\.?$", text),
        ["uri"] = text => GoPattern.IsMatch(@"^([A-Za-z][A-Za-z0-9+.-]*:\S+|/\S*)$", text),
        ["hexcolor"] = text => GoPattern.IsMatch("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", text),
        ["k8s-short-name"] = text => text.Length <= 63 && GoPattern.IsMatch("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", text),
        ["k8s-long-name"] = text => text.Length <= 253 && GoPattern.IsMatch(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", text),
    };

    public static bool Accepts(string format, string text) => !Checks.TryGetValue(format, out var check) || check(text);

    private static bool IsDateTime(string text) =>
        GoPattern.IsMatch(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?$", text)
        && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && TimeOnly.TryParseExact(text[11..19], "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    // Go's durations (1h30m, 1.5s, -2ms) and the long words that the real server also takes (3 days).
    private static bool IsDuration(string text) =>
        GoPattern.IsMatch(@"^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$", text)
        || GoPattern.IsMatch(@"^\s*([0-9]+)\s*(nanos(econds?)?|ns|micros(econds?)?|us|millis(econds?)?|ms|s(econds?)?|secs?|m(in(utes?)?)?|mins|h(ours?)?|hrs?|d(ays?)?|w(eeks?)?|wks?)\s*$", text);

    private static bool IsAddress(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family
        && (family is AddressFamily.InterNetworkV6 ? !text.Contains('%', StringComparison.Ordinal) : address.ToString() == text);

    private static bool IsCidr(string text)
    {
        var parts = text.Split('/');
        return parts.Length is 2
            && byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && ((IsAddress(parts[0], AddressFamily.InterNetwork) && bits <= 32) || (IsAddress(parts[0], AddressFamily.InterNetworkV6) && bits <= 128));
    }
}
