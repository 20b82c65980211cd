using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Fetching;

/// <summary>Opens the sources of a fetch, of whatever kind.</summary>
/// <param name="options">Where things are mounted, and how patiently.</param>
/// <param name="http">Sends.</param>
/// <param name="connections">Says which hops may be taken.</param>
/// <param name="time">The clock.</param>
internal sealed class Sources(FetchOptions options, HttpMessageInvoker http, HttpConnections connections, TimeProvider time)
{
    private const string MainBranch = "main";

    /// <summary>The source at an address.</summary>
    /// <exception cref="FetchFailure">It is to be mounted, and is not.</exception>
    public IArtifactSource Open(SourceAddress address) => address switch
    {
        SourceAddress.Remote remote => new HttpSource(http, connections, remote, remote.Shown, options, time),
        SourceAddress.HuggingFace { Path: { } path } file => new HttpSource(http, connections, new(UrlOf(options.HuggingFaceEndpoint, file, path), ""), file.Shown, options, time),
        SourceAddress.Local local => new FileSource(Mounted(local.Path) ?? local.Path, local.Shown),
        SourceAddress.Claim claim => new FileSource(Mounted(claim.Path) ?? throw NotMounted(claim), claim.Shown),
        _ => throw new ArgumentException($"{address.Shown} names no file", nameof(address)),
    };

    /// <summary>The URL of a file of the Hub. Each name is one step of it, whatever it holds; a branch with slashes as well.</summary>
    public static Uri UrlOf(Uri endpoint, SourceAddress.HuggingFace file, string path)
    {
        IEnumerable<string> steps = [file.Org, file.Repo, "resolve", file.Revision ?? MainBranch, .. path.Split('/')];
        return new($"{endpoint.AbsoluteUri.TrimEnd('/')}/{string.Join('/', steps.Select(Uri.EscapeDataString))}");
    }

    // The parts of a split file lie beside each other, under their own names.
    private string? Mounted(string path) => options.LocalPath is { } named && ArtifactPlan.WholeOf(path).Count > 1
        ? Path.Combine(Path.GetDirectoryName(named)!, Path.GetFileName(path))
        : options.LocalPath;

    private static FetchFailure NotMounted(SourceAddress.Claim claim) => new(Reasons.SourceNotFound, $"{claim.Shown} is not mounted: --local-path is missing", TryAgain.WhenChanged);
}
