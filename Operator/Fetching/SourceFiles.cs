namespace LlmKube.Operator.Fetching;

/// <summary>The files that are wanted of a source that names none itself.</summary>
internal static class SourceFiles
{
    /// <summary>The most files that can be named.</summary>
    public const int Most = 256;

    private const int Longest = 512;

    /// <summary>What is wrong with the files for their source, beginning with the field's name; null: nothing.</summary>
    /// <param name="address">The source.</param>
    /// <param name="files">The files.</param>
    /// <param name="sourceField">What the user calls the source.</param>
    /// <param name="filesField">What the user calls the files.</param>
    public static string? Problem(SourceAddress address, IReadOnlyList<string> files, string sourceField, string filesField)
    {
        if (address is not SourceAddress.HuggingFace hub)
        {
            return files.Count == 0 ? null : $"{filesField} goes with sources of the form hf://org/repo only; leave it out, or name the file in {sourceField}";
        }

        if (hub.Path is null != files.Count > 0)
        {
            return hub.Path is null
                ? $"{sourceField} names a repository and no file; name the files in {filesField}, or one behind the repository"
                : $"{filesField} goes with repositories, and {sourceField} names a file already; leave one of them out";
        }

        if (files.Count > Most) return $"{filesField} must have at most {Most} files, has {files.Count}";
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            if (file is not { Length: > 0 and <= Longest } || !file.Split('/').All(IsStep))
            {
                return $"{filesField}[{i}] must be a relative path of at most {Longest} characters without '.', '..' and empty steps";
            }

            if (file.Split('/').Any(ArtifactPaths.IsReserved)) return $"{filesField}[{i}] has a name that the cache uses itself";
            if (files.Take(i).Contains(file)) return $"{filesField}[{i}] names a file a second time";
        }

        return files.Count > 0 && !files[0].EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? $"{filesField}[0] is what is served, and must end with .gguf" : null;
    }

    /// <summary>True for one step of a path that leads nowhere but down.</summary>
    public static bool IsStep(string step) => step is not ("" or "." or "..") && !step.Any(c => c is '/' or '\\' || char.IsControl(c));
}
