using System.Text.RegularExpressions;

namespace LlmKube.Operator.Fetching;

/// <summary>Reads the hash of the whole file from the headers in which hosts name it.</summary>
internal static partial class HashHeaders
{
    // Hugging Face answers for large files with a redirect, and says there what the link is a link to: the ETag of the content network would be another.
    private const string OfTheLink = "X-Linked-ETag";

    // S3's checksum of an upload in parts is a hash of hashes, and ends in the number of parts. RFC 9530 and its forerunner RFC 3230 have the others.
    private static readonly (string Header, Func<string, string?> Read)[] OfTheFile =
    [
        ("x-amz-checksum-sha256", FromBase64),
        ("Repr-Digest", value => Structured().Match(value) is { Success: true } match ? FromBase64(match.Groups[1].Value) : null),
        ("Digest", value => Plain().Match(value) is { Success: true } match ? FromBase64(match.Groups[1].Value) : null),
    ];

    /// <summary>What an answer says of the whole file; null: nothing that can be used.</summary>
    /// <param name="response">The answer: the file, a part of it, or a redirect to it, whose other headers are about the redirect itself.</param>
    /// <param name="host">Who answers.</param>
    public static ClaimedHash? Of(HttpResponseMessage response, string host)
    {
        if (Value(response, OfTheLink) is { } linked && Hex().Match(linked) is { Success: true } match) return new(match.Groups[1].Value.ToLowerInvariant(), $"{host} in {OfTheLink}");
        if (!response.IsSuccessStatusCode) return null;
        foreach (var (header, read) in OfTheFile)
        {
            if (Value(response, header) is { } value && read(value) is { } sha256) return new(sha256, $"{host} in {header}");
        }

        return null;
    }

    private static string? Value(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) || response.Content.Headers.TryGetValues(header, out values) ? string.Join(',', values) : null;

    private static string? FromBase64(string value)
    {
        var bytes = new byte[32];
        return Convert.TryFromBase64String(value.Trim(), bytes, out var length) && length == bytes.Length ? Convert.ToHexStringLower(bytes) : null;
    }

    [GeneratedRegex("""^\s*(?:W/)?"?([0-9a-fA-F]{64})"?\s*$""")]
    private static partial Regex Hex();

    [GeneratedRegex("""(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):""", RegexOptions.IgnoreCase)]
    private static partial Regex Structured();

    [GeneratedRegex("""(?:^|,)\s*sha-256=([A-Za-z0-9+/=]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Plain();
}
