using System.Diagnostics;

namespace LlmKube.Operator.Benchmarks;

/// <summary>Tells on stderr what is going on.</summary>
internal sealed class Progress
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>One line.</summary>
    public void Say(string what) => Console.Error.WriteLine(FormattableString.Invariant($"[{Stopwatch.GetElapsedTime(_start):mm\\:ss}] {what}"));
}
