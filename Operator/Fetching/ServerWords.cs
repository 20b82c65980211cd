using System.Text;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Fetching;

/// <summary>What a server says of an error, made fit for a status message: one line, short, printable, without the URL's secrets.</summary>
internal static class ServerWords
{
    private const int Longest = 240;

    // A shorter secret is looked for as a word of its own: anywhere else it is more likely to be a part of something harmless.
    private const int ShortSecret = 6;

    /// <summary>The status line and, where the body is a short text, its beginning.</summary>
    public static async Task<string> OfAsync(HttpResponseMessage response, SourceAddress.Remote source, Credentials? credentials, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(response, cancellationToken);
        var words = body.Length > 0 ? $"{response.ReasonPhrase}: {body}" : response.ReasonPhrase ?? "";

        // After redirects it is the last URL that answered; links of content networks are signed in their query.
        return $"{(int)response.StatusCode} {Clean(words, source, credentials, response.RequestMessage?.RequestUri)}".TrimEnd();
    }

    /// <summary>One printable line without what the URLs and the credentials must not tell.</summary>
    /// <param name="words">What was said.</param>
    /// <param name="source">The source.</param>
    /// <param name="credentials">Who asked; null: nobody in particular.</param>
    /// <param name="answering">The URL that it led to.</param>
    public static string Clean(string words, SourceAddress.Remote source, Credentials? credentials, Uri? answering = null)
    {
        foreach (var secret in Secrets(source, credentials, answering)) words = Without(words, secret);
        var line = new StringBuilder(words.Length);
        foreach (var c in words)
        {
            if (!char.IsControl(c) && !char.IsWhiteSpace(c)) line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        var clean = line.ToString().Trim();
        return clean.Length <= Longest ? clean : clean[..Longest].TrimEnd() + "...";
    }

    private static string Without(string words, string secret) => secret.Length >= ShortSecret
        ? words.Replace(secret, "***", StringComparison.OrdinalIgnoreCase)
        : Regex.Replace(words, $@"(?<!\w){Regex.Escape(secret)}(?!\w)", "***", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static IEnumerable<string> Secrets(SourceAddress.Remote source, Credentials? credentials, Uri? answering)
    {
        var values = QueryValues(source.Url).Concat(answering is null ? [] : QueryValues(answering));
        return values.SelectMany(v => new[] { v, Uri.UnescapeDataString(v) })
            .Concat(source.UserInfo.Split(':'))
            .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(source.UserInfo)))
            .Concat(credentials?.Secrets ?? [])
            .Where(v => v.Length > 0)
            .Distinct()
            .OrderByDescending(v => v.Length);
    }

    // Everything of the query but its names: a token's parameter can be called anything.
    private static IEnumerable<string> QueryValues(Uri url) => url.Query.TrimStart('?').Split('&').Select(p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..]);

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
