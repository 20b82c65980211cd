using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What becomes of the containers that fetch, as rules of the simulated nodes.</summary>
internal static class Fetches
{
    /// <summary>Succeeds at once with the header of a small model.</summary>
    public static readonly PodRule Succeed = Ending(
        ExitCodes.Complete,
        new FetchReport
        {
            Complete = true,
            Sha256 = new string('a', 64),
            Bytes = 4_939_212_390,
            Transferred = 4_939_212_390,
            Seconds = 61,
            Gguf = new GgufMetadata { Architecture = "llama", ModelName = "tiny", LayerCount = 32, FileVersion = 3 },
        });

    /// <summary>Succeeds at once with the header of a model of 8 billion parameters, by which its memory can be estimated.</summary>
    public static readonly PodRule SucceedWithHeader = Ending(
        ExitCodes.Complete,
        new FetchReport
        {
            Complete = true,
            Sha256 = new string('b', 64),
            Bytes = 4_939_212_390,
            Gguf = new GgufMetadata { Architecture = "llama", ContextLength = 8192, EmbeddingSize = 4096, LayerCount = 32, KeyCacheElements = 32_768, ValueCacheElements = 32_768, VocabSize = 128_256 },
        });

    /// <summary>The source answers 404.</summary>
    public static readonly PodRule NotFound = Ending(
        ExitCodes.Terminal,
        new FetchReport { Complete = false, Terminal = true, Reason = Reasons.SourceNotFound, Message = "models.example answered 404 Not Found: Entry not found" });

    /// <summary>Goes on for longer than any story.</summary>
    public static readonly PodRule Endless = new() { Container = FetchJobBuilder.Container, RunTime = TimeSpan.FromHours(1) };

    /// <summary>Goes on for as long as the rule stands, and has read the header of a model of 8 billion parameters.</summary>
    public static readonly PodRule WithHeader = new()
    {
        Container = FetchJobBuilder.Container,
        UntilRemoved = true,
        LogLines =
        [
            """
            {"event":"progress","step":"transferring","bytes":400,"total":4939212390,"transferred":400,"resumes":0,"gguf":{"architecture":"llama","contextLength":8192,"embeddingSize":4096,"layerCount":32,"keyCacheElements":32768,"valueCacheElements":32768,"vocabSize":128256}}
            """,
        ],
    };

    private static PodRule Ending(int exitCode, FetchReport report) =>
        new() { Container = FetchJobBuilder.Container, ExitCode = exitCode, TerminationMessage = TerminationMessage.Format(report) };
}
