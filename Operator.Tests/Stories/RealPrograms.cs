using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What stands for images when pods are processes: llama.cpp's server that <c>make tools</c> got, and the operator of this build.</summary>
internal static class RealPrograms
{
    /// <summary>The .NET that runs these tests.</summary>
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static ProcessOptions In(string folder) => new()
    {
        Folder = folder,
        Images =
        [
            new("ghcr.io/ggml-org/llama.cpp:server*", Tools.Find("llama-server"), []),
            new("llmkube-operator:*", Dotnet, [typeof(CacheLayout).Assembly.Location]),
        ],
    };
}
