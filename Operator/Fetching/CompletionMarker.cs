using LlmKube.Operator.Entities;
using LlmKube.Operator.Gguf;

namespace LlmKube.Operator.Fetching;

/// <summary>The proof that lies beside a verified artefact, written last.</summary>
internal sealed record CompletionMarker
{
    /// <summary>The source's cache key.</summary>
    public required string SourceKey { get; init; }

    /// <summary>The source as it may be shown.</summary>
    public required string Source { get; init; }

    /// <summary>Of the whole file, in 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>What the file's header says; null: it is no GGUF file, and lies beside one.</summary>
    public GgufMetadata? Gguf { get; init; }

    /// <summary>Which part of a split model the file's header says that it is; null: of none.</summary>
    public GgufSplit? Split { get; init; }

    /// <summary>Names the version of the source that the file is, as a resume would; null: the source names none, or was not asked.</summary>
    public string? Validator { get; init; }

    /// <summary>
    /// In the marker of the file that is served, where an artefact has several: the SHA-256 of each, in order. They were found to be of one version of the source,
    /// and without that, files that are each proved are no artefact yet.
    /// </summary>
    public IReadOnlyList<string>? Set { get; init; }

    /// <summary>The ETag with which the source's own host answered; null: none.</summary>
    public string? ETag { get; init; }

    /// <summary>When the file was verified.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>The marker of an artefact that is there, of this source, in the proved size; else null.</summary>
    public static CompletionMarker? Of(ArtifactPaths paths, string sourceKey)
    {
        var artifact = new FileInfo(paths.Final);
        return artifact.Exists
            && JsonFile.TryRead<CompletionMarker>(paths.Marker) is { } marker
            && marker.SourceKey == sourceKey
            && marker.Size == artifact.Length
            ? marker
            : null;
    }
}
