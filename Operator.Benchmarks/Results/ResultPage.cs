using System.Runtime.InteropServices;
using System.Text;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Benchmarks.Results;

/// <summary>What was measured, where and when, as Markdown.</summary>
internal sealed class ResultPage
{
    private const string Load = "/proc/loadavg";
    private readonly string _load = File.Exists(Load) ? File.ReadAllText(Load).Split(' ')[0] : "unknown";
    private readonly StringBuilder _parts = new();

    /// <summary>Adds a part.</summary>
    public void Add(string title, string text) => _parts.Append(FormattableString.Invariant($"\n## {title}\n\n{text.Trim()}\n"));

    /// <summary>The whole page.</summary>
    /// <param name="targets">What has to be so.</param>
    /// <param name="cluster">Where the scale run was made.</param>
    public string Write(Targets targets, string cluster) => FormattableString.Invariant($"""
        # Benchmarks

        Written by `make bench`, which fails if a target is missed.

        - machine: {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}; its load before: {_load}
        - cluster of the scale run: {cluster}
        - .NET: {Environment.Version}
        - date: {TimeProvider.System.GetUtcNow():yyyy-MM-dd}
        - commit: {BuildIdentity.Current.Revision}

        ## Targets

        {targets}{_parts}
        """).ReplaceLineEndings("\n").TrimEnd() + "\n";

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        const string Name = "model name";
        var line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
