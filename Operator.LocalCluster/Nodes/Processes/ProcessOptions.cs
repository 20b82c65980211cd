namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>How nodes run containers as processes of this machine.</summary>
public sealed record ProcessOptions
{
    /// <summary>
    /// The folder that pods' files are kept under, by one cluster at a time. What is in it of an earlier one goes; a folder that has
    /// other things by those names is refused.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>What to run in an image's place; the first whose pattern matches counts. A pod with any other image fails to pull it.</summary>
    public IReadOnlyList<ImageProgram> Images { get; init; } = [];

    /// <summary>The folder below it for volumes that controllers make for claims.</summary>
    public string VolumeFolder => Path.Combine(Folder, "volumes");

    /// <summary>The API server has just begun, so that volumes of an earlier one are nobody's.</summary>
    internal bool ClusterIsNew { get; init; }
}

/// <summary>A program of this machine that stands for images.</summary>
/// <param name="Pattern">The images' names, with the wildcards <c>*</c> and <c>?</c>, such as <c>ghcr.io/ggml-org/llama.cpp:server*</c>.</param>
/// <param name="Program">The executable.</param>
/// <param name="Arguments">What comes before the container's own arguments, unless it has a command of its own.</param>
public sealed record ImageProgram(string Pattern, string Program, IReadOnlyList<string> Arguments);
