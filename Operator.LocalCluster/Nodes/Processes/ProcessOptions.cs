namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>How nodes run containers as processes of this machine.</summary>
public sealed record ProcessOptions
{
    /// <summary>The folder that pods' files, volumes and logs are kept under.</summary>
    public required string Folder { get; init; }

    /// <summary>What to run in an image's place; the first whose pattern matches counts. A pod with any other image fails to pull it.</summary>
    public IReadOnlyList<ImageProgram> Images { get; init; } = [];
}

/// <summary>A program of this machine that stands for images.</summary>
/// <param name="Pattern">The images' names, with the wildcards <c>*</c> and <c>?</c>, such as <c>ghcr.io/ggml-org/llama.cpp:server*</c>.</param>
/// <param name="Program">The executable.</param>
/// <param name="Arguments">What comes before the container's own arguments.</param>
public sealed record ImageProgram(string Pattern, string Program, IReadOnlyList<string> Arguments);
