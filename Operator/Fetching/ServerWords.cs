using System.Text;

namespace LlmKube.Operator.Fetching;

/// <summary>What a server says of an error, made fit for a status message: one line, short, printable, without the URL's secrets.</summary>
internal static class ServerWords
{
    private const int Longest = 240;

    /// <summary>The status line and, where the body is a short text, its beginning.</summary>
    public static async Task<string> OfAsync(HttpResponseMessage response, SourceAddress.Remote source, CancellationToken cancellationToken)
    {
        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
        var body = await BodyAsync(response, cancellationToken);
        return Clean(body.Length > 0 ? $"{status}: {body}" : status, source);
    }

    /// <summary>One printable line without what the URL must not tell.</summary>
    public static string Clean(string words, SourceAddress.Remote source)
    {
        foreach (var secret in Secrets(source)) words = words.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        var line = new StringBuilder(words.Length);
        foreach (var c in words)
        {
            if (!char.IsControl(c) && !char.IsWhiteSpace(c)) line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        var clean = line.ToString().Trim();
        return clean.Length <= Longest ? clean : clean[..Longest].TrimEnd() + "...";
    }

    // Everything of the query but its names: a token's parameter can be called anything.
    private static IEnumerable<string> Secrets(SourceAddress.Remote source)
    {
        var values = source.Url.Query.TrimStart('?').Split('&').Select(p => p.Contains('=', StringComparison.Ordinal) ? p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..] : p);
        return values.SelectMany(v => new[] { v, Uri.UnescapeDataString(v) })
            .Concat(source.UserInfo.Split(':'))
            .Where(v => v.Length >= 6)
            .Distinct()
            .OrderByDescending(v => v.Length);
    }

    private static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("text/plain" or "application/json" or "application/problem+json")) return "";
        var start = new byte[1024];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(start, 0, read);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return ""; // the status line has said enough
        }
    }
}
