namespace LlmKube.Operator.Fetching;

/// <summary>
/// An artefact's file and the files beside it. Only <see cref="Final"/> is ever read by servers, and nothing unverified is
/// ever there; the others belong to whoever holds <see cref="Lock"/>.
/// </summary>
/// <param name="Final">Where the verified artefact lies.</param>
internal sealed record ArtifactPaths(string Final)
{
    /// <summary>What a completion marker's name adds to the artefact's.</summary>
    public const string MarkerSuffix = ".complete.json";

    private const string PartialSuffix = ".partial";
    private const string PartialStateSuffix = ".partial.json";
    private const string LockSuffix = ".lock";

    /// <summary>Says with which hash, size and header the artefact was proved. Without it the artefact counts as absent.</summary>
    public string Marker => Final + MarkerSuffix;

    /// <summary>The bytes received so far, always a prefix of one version of the source.</summary>
    public string Partial => Final + PartialSuffix;

    /// <summary>Which version of which source <see cref="Partial"/> is a prefix of.</summary>
    public string PartialState => Final + PartialStateSuffix;

    /// <summary>Locked exclusively by the one process that writes here.</summary>
    public string Lock => Final + LockSuffix;

    /// <summary>The folder of all of them.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(Final))!;

    /// <summary>True for a name that one of the files beside an artefact could have: an artefact of that name could be taken for another one's proof.</summary>
    public static bool IsReserved(string name) =>
        new[] { MarkerSuffix, PartialSuffix, PartialStateSuffix, LockSuffix, JsonFile.UnfinishedSuffix }.Any(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase));
}
