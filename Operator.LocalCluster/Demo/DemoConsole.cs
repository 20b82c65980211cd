using System.Globalization;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>What the demo says: lines with the time since the start, and on a terminal a last line that changes in place.</summary>
/// <param name="isTerminal">Whether a line can be overwritten.</param>
internal sealed class DemoConsole(TextWriter output, bool isTerminal, TimeProvider time)
{
    private const string ToLineStart = "\r\e[K";
    private readonly long _start = time.GetTimestamp();
    private bool _changing;

    /// <summary>A step, with its time.</summary>
    public void Step(string text)
    {
        EndLine();
        output.WriteLine($"{Elapsed()}  {text}");
        output.Flush();
    }

    /// <summary>Text as it stands.</summary>
    public void Text(string text)
    {
        EndLine();
        output.WriteLine(text);
        output.Flush();
    }

    /// <summary>How far something is: in place on a terminal, elsewhere not at all.</summary>
    public void Change(string text)
    {
        if (!isTerminal) return;
        var line = $"{Elapsed()}  {text}";
        // A line that wraps could not be taken back.
        var width = Console.WindowWidth - 1;
        output.Write(ToLineStart + (width > 0 && line.Length > width ? line[..width] : line));
        output.Flush();
        _changing = true;
    }

    /// <summary>Takes away the line that changes.</summary>
    public void EndLine()
    {
        if (!_changing) return;
        output.Write(ToLineStart);
        output.Flush();
        _changing = false;
    }

    private string Elapsed() => string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_start).TotalSeconds,6:0.0}s");
}
