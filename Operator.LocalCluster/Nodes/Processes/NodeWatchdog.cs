using System.Diagnostics;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>
/// Processes must not outlive their node, however it ends. A shell waits for the end of a pipe that this process holds open, which the
/// kernel closes if nobody else does, and then kills all processes that have the node's mark.
/// </summary>
internal sealed class NodeWatchdog : IAsyncDisposable
{
    private const string Script = """
        cat >/dev/null
        again=1 looks=100
        while [ "$again" = 1 ] && [ "$looks" -gt 0 ]; do
            again=0 looks=$((looks - 1))
            for process in /proc/[0-9]*; do
                if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -q "^$0/"; then
                    kill -9 "${process#/proc/}" 2>/dev/null && again=1
                fi
            done
        done
        """;

    private readonly Process _shell;

    /// <param name="mark">What the marks of the node's containers begin with, up to a slash.</param>
    public NodeWatchdog(string mark)
    {
        var start = new ProcessStartInfo(RunningProcess.OwnSession, ["/bin/sh", "-c", Script, $"{ContainerMark.Variable}={mark}"])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        _shell = Process.Start(start)!;
    }

    /// <summary>Ends when no process of the node is left.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
