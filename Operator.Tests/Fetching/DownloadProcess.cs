using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>The built program with the verb <c>download</c>, as a process of its own.</summary>
internal static class DownloadProcess
{
    /// <summary>Starts it.</summary>
    /// <param name="source">Goes into the environment, as in a Job.</param>
    /// <param name="arguments">The rest.</param>
    public static ProgramProcess Start(string? source, params string[] arguments) =>
        ProgramProcess.Start([(DownloadCommand.SourceVariable, source)], ["download", .. arguments]);
}
