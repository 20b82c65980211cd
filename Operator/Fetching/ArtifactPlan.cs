using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmKube.Operator.Fetching;

/// <summary>One file that a fetch brings.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Name">Its path below the artefact's folder.</param>
/// <param name="ListedAs">How the source calls it, and so the user's <c>sha256sum</c>.</param>
internal sealed record ArtifactPart(SourceAddress Source, string Name, string ListedAs)
{
    /// <summary>Whether it must be a GGUF file. What lies beside the weights, a licence for instance, is what it is.</summary>
    public bool IsWeights { get; } = Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Which files a source stands for. Most are one. A file of a split model stands for all of it, whichever part was named; llama.cpp is told of the first and
/// finds the others by its name.
/// </summary>
internal static partial class ArtifactPlan
{
    /// <summary>What an artefact of one file is called in the cache.</summary>
    public const string SingleName = "model.gguf";

    /// <summary>As many parts as five digits can count would be no model.</summary>
    public const int MostParts = 999;

    /// <summary>The files, the one that is served first.</summary>
    /// <param name="address">The source.</param>
    /// <param name="files">The files that are wanted of a source that names none itself.</param>
    public static IReadOnlyList<ArtifactPart> Of(SourceAddress address, IReadOnlyList<string> files)
    {
        if (address is not SourceAddress.HuggingFace { Path: null } repository)
        {
            var path = PathOf(address);
            return PartsOf(path) is { } parts
                ? [.. parts.Select((part, i) => new ArtifactPart(At(address, part), NameOf(i + 1, parts.Count), LastOf(part)))]
                : [new(address, SingleName, LastOf(path))];
        }

        return [.. files.SelectMany(f => PartsOf(f) ?? [f]).Distinct().Select(f => new ArtifactPart(repository with { Path = f }, f, f))];
    }

    /// <summary>The name, below the artefact's folder, of the file that is served.</summary>
    public static string ServedName(SourceAddress address, IReadOnlyList<string> files) => Of(address, files)[0].Name;

    private static string NameOf(int part, int of) => string.Create(CultureInfo.InvariantCulture, $"model-{part:D5}-of-{of:D5}.gguf");

    // All parts of a split file; null for one that is whole.
    private static IReadOnlyList<string>? PartsOf(string path)
    {
        if (SplitOf(path) is not var (before, _, count)) return null;
        return [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{before}-{i:D5}-of-{count:D5}.gguf"))];
    }

    /// <summary>What the name of a part of a split file says: what stands before the numbers, which part it is (from 1), and of how many; null for other names.</summary>
    public static (string Before, int Part, int Parts)? SplitOf(string name)
    {
        if (SplitName().Match(name) is not { Success: true } match) return null;
        var (no, count) = (int.Parse(match.Groups["no"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));
        return no < 1 || no > count || count > MostParts ? null : (name[..match.Index], no, count);
    }

    /// <summary>The names of all parts of a split file in a folder, if that is the name of one; else the name alone.</summary>
    public static IReadOnlyList<string> WholeOf(string name) => PartsOf(name) ?? [name];

    private static string LastOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string PathOf(SourceAddress address) => address switch
    {
        SourceAddress.Remote remote => remote.Url.AbsolutePath,
        SourceAddress.HuggingFace { Path: { } path } => path,
        SourceAddress.Claim claim => claim.Path,
        SourceAddress.Local local => local.Path,
        _ => throw new ArgumentException($"{address.Shown} names no file", nameof(address)),
    };

    private static SourceAddress At(SourceAddress address, string path) => address switch
    {
        SourceAddress.Remote remote => remote with { Url = new UriBuilder(remote.Url) { Path = path }.Uri },
        SourceAddress.HuggingFace file => file with { Path = path },
        SourceAddress.Claim claim => claim with { Path = path },
        SourceAddress.Local => new SourceAddress.Local(path),
        _ => throw new ArgumentException($"{address.Shown} names no file", nameof(address)),
    };

    // As llama.cpp's gguf-split names them.
    [GeneratedRegex(@"-(?<no>\d{5})-of-(?<count>\d{5})\.gguf\z")]
    private static partial Regex SplitName();
}
