using System.Text;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What a container says of its end: the file of its termination message or, by policy, the end of its log.</summary>
internal sealed class TerminationLog(V1Container container, string file)
{
    private const int LargestMessage = 4096, LargestTail = 2048, TailLines = 80;
    private readonly Queue<string> _tail = new();

    /// <summary>The path in the container, and the file that stands for it.</summary>
    public (string Inside, string File) Place => (container.TerminationMessagePath ?? "/dev/termination-log", file);

    /// <summary>A container finds its file there, and empty.</summary>
    public void Reset()
    {
        lock (_tail) _tail.Clear();
        File.WriteAllBytes(file, []);
    }

    public void Line(string text)
    {
        lock (_tail)
        {
            _tail.Enqueue(text);
            if (_tail.Count > TailLines) _tail.Dequeue();
        }
    }

    /// <returns>The message of an exit; null if there is none.</returns>
    public string? Read(int exitCode)
    {
        if (Content() is { Length: > 0 } message) return message;
        if (exitCode == 0 || container.TerminationMessagePolicy != "FallbackToLogsOnError") return null;
        lock (_tail)
        {
            var tail = string.Concat(_tail.Select(l => l + "\n"));
            return tail.Length == 0 ? null : tail.Length <= LargestTail ? tail : tail[^LargestTail..];
        }
    }

    private string Content()
    {
        if (!File.Exists(file)) return "";
        using var stream = File.OpenRead(file);
        var buffer = new byte[LargestMessage];
        return Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }
}
