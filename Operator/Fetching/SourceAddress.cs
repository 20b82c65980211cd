using System.Diagnostics.CodeAnalysis;

namespace LlmKube.Operator.Fetching;

/// <summary>A Model's source, taken apart.</summary>
internal abstract record SourceAddress
{
    private SourceAddress() { }

    /// <summary>The source as it may be shown: without credentials, query and fragment, which can hold tokens.</summary>
    public abstract string Shown { get; }

    /// <summary>An HTTP(S) URL.</summary>
    /// <param name="Url">Without user information and fragment.</param>
    /// <param name="UserInfo">The URL's <c>user:password</c>, or empty.</param>
    public sealed record Remote(Uri Url, string UserInfo) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown => ShownUrl(Url);
    }

    /// <summary>A path of the node.</summary>
    /// <param name="Path">Absolute, without <c>.</c> and <c>..</c>.</param>
    public sealed record Local(string Path) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown => Path;
    }

    /// <summary>Takes a source apart.</summary>
    /// <param name="source"><c>spec.source</c>: an http, https or file URL, or an absolute path.</param>
    /// <param name="address">The result.</param>
    /// <param name="problem">What is wrong with it otherwise.</param>
    public static bool TryParse(string source, [NotNullWhen(true)] out SourceAddress? address, [NotNullWhen(false)] out string? problem)
    {
        (address, problem) = source switch
        {
            "" => (null, "is empty"),
            _ when source.Any(char.IsControl) => (null, "holds control characters"),
            ['/', ..] => ReadPath(source),
            _ => Uri.TryCreate(source, UriKind.Absolute, out var uri) ? ReadUri(uri) : (null, "is neither a URL nor an absolute path"),
        };
        return address is not null;
    }

    /// <summary>A URL as it may be shown.</summary>
    public static string ShownUrl(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static (SourceAddress?, string?) ReadUri(Uri uri) => uri switch
    {
        { IsFile: true, Host.Length: > 0 } => (null, "names a host in a file URL; write file:///path"),
        { IsFile: true } => ReadPath(uri.LocalPath),
        { Scheme: not ("http" or "https") } => (null, $"has the scheme {uri.Scheme}; http, https and file can be fetched"),
        { Host.Length: 0 } => (null, "names no host"),
        _ => (ReadUrl(uri), null),
    };

    private static Remote ReadUrl(Uri uri) => new(
        new Uri(uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped)),
        Uri.UnescapeDataString(uri.UserInfo));

    private static (SourceAddress?, string?) ReadPath(string path) => path.Split('/').Any(s => s is "." or "..") || path.EndsWith('/')
        ? (null, "must be a file's path without '.' and '..'")
        : (new Local(Path.GetFullPath(path)), null);
}
