namespace LlmKube.Operator.Entities;

/// <summary>
/// What tells one source from another: the source itself, and of a repository the files that are wanted of it. Models of one identity share
/// one artefact, whose name is its <see cref="CacheKey"/>.
/// </summary>
public static class SourceIdentity
{
    // No source and no file's name may hold it.
    private const char Separator = '\n';

    /// <summary>The identity of what a Model wants.</summary>
    public static string Of(ModelSpec spec) => spec.Files is null or { Count: 0 } ? spec.Source : Of(spec.Source, [.. spec.Files]);

    /// <summary>The identity of a source.</summary>
    /// <param name="source">The source, as it is in a Model's spec.</param>
    /// <param name="files">The files that are wanted of it, in their order; none: the source names its file itself.</param>
    public static string Of(string source, IReadOnlyCollection<string>? files) =>
        files is null or { Count: 0 } ? source : $"{source}{Separator}{string.Join(Separator, files)}";
}
