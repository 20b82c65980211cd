using LlmKube.Operator.Tests.Entities;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What real servers have logged: see ServerLogs/README.md.</summary>
internal static class ServerLogs
{
    /// <summary>The recorded log of this name.</summary>
    public static string Recorded(string name) => File.ReadAllText(Path.Combine(Folder, $"{name}.log"));

    /// <summary>The names of all recordings.</summary>
    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "*.log").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal);

    private static string Folder => ApiCluster.InRepository("Operator.Tests", "InferenceServices", "ServerLogs");
}
