using System.Runtime.InteropServices;
using System.Text;
using LlmKube.Operator.Metrics;

namespace LlmKube.Operator.Benchmarks;

/// <summary>What was measured, where and when, as Markdown.</summary>
internal sealed class ResultPage
{
    private readonly StringBuilder _text = new(FormattableString.Invariant($"""
        # Benchmarks

        Written by `make bench`.

        - machine: {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}
        - .NET: {Environment.Version}
        - date: {TimeProvider.System.GetUtcNow():yyyy-MM-dd}
        - commit: {BuildIdentity.Current.Revision}

        """));

    /// <summary>Adds a part.</summary>
    public void Add(string title, string text) => _text.Append(FormattableString.Invariant($"\n## {title}\n\n{text.Trim()}\n"));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString().ReplaceLineEndings("\n");

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        const string Name = "model name";
        var line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
