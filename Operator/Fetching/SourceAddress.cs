using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Fetching;

/// <summary>A Model's source, taken apart.</summary>
internal abstract partial record SourceAddress
{
    private const string Fetchable = "http, https, hf, pvc and file";
    private const string SchemeEnd = "://";

    private SourceAddress() { }

    /// <summary>The source as it may be shown: without credentials, query and fragment, which can hold tokens.</summary>
    public abstract string Shown { get; }

    /// <summary>True if its bytes are on a file system that is mounted, and don't come over the network.</summary>
    public virtual bool IsMounted => false;

    /// <summary>An HTTP(S) URL.</summary>
    /// <param name="Url">Without user information and fragment.</param>
    /// <param name="UserInfo">The URL's <c>user:password</c>, or empty.</param>
    public sealed record Remote(Uri Url, string UserInfo) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown => ShownUrl(Url);
    }

    /// <summary>A file of a repository of the Hugging Face Hub, or the repository itself.</summary>
    /// <param name="Org">Who the repository belongs to.</param>
    /// <param name="Repo">The repository's name.</param>
    /// <param name="Revision">A branch, tag or commit, which can hold slashes; null: the repository's main branch.</param>
    /// <param name="Path">The file's path in the repository, not escaped; null: the files are named beside the source.</param>
    public sealed record HuggingFace(string Org, string Repo, string? Revision, string? Path) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown =>
            $"hf://{Org}/{Repo}{(Revision is null ? "" : $"@{Uri.EscapeDataString(Revision)}")}{(Path is null ? "" : $"/{Path}")}";
    }

    /// <summary>A file in a PersistentVolumeClaim of the Model's namespace.</summary>
    /// <param name="Name">The claim's name.</param>
    /// <param name="Path">The file's path in the volume, without a slash before it, not escaped.</param>
    public sealed record Claim(string Name, string Path) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown => $"pvc://{Name}/{Path}";

        /// <inheritdoc/>
        public override bool IsMounted => true;
    }

    /// <summary>A path of the node.</summary>
    /// <param name="Path">Absolute, without <c>.</c> and <c>..</c>.</param>
    public sealed record Local(string Path) : SourceAddress
    {
        /// <inheritdoc/>
        public override string Shown => Path;

        /// <inheritdoc/>
        public override bool IsMounted => true;
    }

    /// <summary>Takes a source apart.</summary>
    /// <param name="source"><c>spec.source</c>: an http, https, hf, pvc or file URL, or an absolute path.</param>
    /// <param name="address">The result.</param>
    /// <param name="problem">What is wrong with it otherwise.</param>
    public static bool TryParse(string source, [NotNullWhen(true)] out SourceAddress? address, [NotNullWhen(false)] out string? problem)
    {
        (address, problem) = source switch
        {
            "" => (null, "is empty"),
            _ when source.Any(char.IsControl) => (null, "holds control characters"),
            ['/', ..] => ReadPath(source),
            _ => ReadUrl(source),
        };
        return address is not null;
    }

    /// <summary>A URL as it may be shown.</summary>
    public static string ShownUrl(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    // Ours are not left to the library, which makes hosts lower case and takes ".." out: names of the Hub are what they are, and a path that climbs is a mistake.
    private static (SourceAddress?, string?) ReadUrl(string source)
    {
        var end = Math.Max(source.IndexOf(SchemeEnd, StringComparison.Ordinal), 0);
        var scheme = source[..end].ToLowerInvariant();
        return scheme switch
        {
            "hf" => ReadHuggingFace(source[(end + SchemeEnd.Length)..]),
            "pvc" => ReadClaim(source[(end + SchemeEnd.Length)..]),
            "s3" or "oci" => (null, $"has the scheme {scheme}, which comes later; today {Fetchable} can be fetched"),
            "http" or "https" or "file" when Uri.TryCreate(source, UriKind.Absolute, out var uri) => ReadUri(uri),
            not ("" or "http" or "https" or "file") when Uri.CheckSchemeName(scheme) => (null, $"has the scheme {scheme}; {Fetchable} can be fetched"),
            _ => (null, "is neither a URL nor an absolute path"),
        };
    }

    private static (SourceAddress?, string?) ReadUri(Uri uri) => uri switch
    {
        { IsFile: true, Host.Length: > 0 } => (null, "names a host in a file URL; write file:///path"),
        { IsFile: true } => ReadPath(uri.LocalPath),
        { Host.Length: 0 } => (null, "names no host"),
        _ => (new Remote(new Uri(uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped)), Uri.UnescapeDataString(uri.UserInfo)), null),
    };

    private static (SourceAddress?, string?) ReadPath(string path) => path.Any(char.IsControl)
        ? (null, "holds control characters")
        : path.Split('/').Any(s => s is "." or "..") || path.EndsWith('/')
            ? (null, "must be a file's path without '.' and '..'")
            : (new Local(Path.GetFullPath(path)), null);

    private static (SourceAddress?, string?) ReadHuggingFace(string rest)
    {
        if (rest.Split('/', 3) is not [var org, var named, ..] parts) return (null, "must be hf://org/repo, with @revision and a file behind it if need be");
        var at = named.IndexOf('@', StringComparison.Ordinal);
        var repo = at < 0 ? named : named[..at];
        var revision = at < 0 ? null : Uri.UnescapeDataString(named[(at + 1)..]);
        if (!HubName().IsMatch(org) || !HubName().IsMatch(repo)) return (null, "must name a repository of the Hub as hf://org/repo");
        if (revision is not null && !HubRevision().IsMatch(revision)) return (null, "must have behind the @ a branch, tag or commit, in which a slash is written %2F");
        if (parts is not [_, _, var file]) return (new HuggingFace(org, repo, revision, null), null);
        return ReadSteps(file) is { } path ? (new HuggingFace(org, repo, revision, path), null) : (null, NoFile("hf://org/repo"));
    }

    private static (SourceAddress?, string?) ReadClaim(string rest)
    {
        if (rest.Split('/', 2) is not [var name, var file]) return (null, "must be pvc://claim/path");
        if (!FlagValues.IsSubdomain(name)) return (null, "must name a PersistentVolumeClaim behind pvc://");
        return ReadSteps(file) is { } path ? (new Claim(name, path), null) : (null, NoFile("pvc://claim"));
    }

    private static string NoFile(string before) => $"must have behind {before}/ a file's path without '.', '..' and empty steps; '?' and '#' are written %3F and %23";

    // As a URL, step by step: what an escape hides must not be a way out.
    private static string? ReadSteps(string path)
    {
        if (path.AsSpan().ContainsAny('?', '#')) return null;
        string[] steps = [.. path.Split('/').Select(Uri.UnescapeDataString)];
        return steps.All(SourceFiles.IsStep) ? string.Join('/', steps) : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][-A-Za-z0-9._]{0,95}\z")]
    private static partial Regex HubName();

    // What git allows in names of branches and tags and is printable; no dots that a URL could take for steps.
    [GeneratedRegex(@"^(?!.*\.\.)(?!\.\z)[-A-Za-z0-9._+@/=,]{1,250}\z")]
    private static partial Regex HubRevision();
}
