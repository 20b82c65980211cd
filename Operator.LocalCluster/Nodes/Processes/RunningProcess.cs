using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A process, its lines and its end.</summary>
internal sealed class RunningProcess : IDisposable
{
    /// <summary>Starts a program where the terminal's Ctrl-C doesn't reach it; the process keeps its id. Of util-linux, which every Linux has.</summary>
    public const string OwnSession = "/usr/bin/setsid";

    private const int SignalTerminate = 15, SignalKill = 9;

    // Longer lines are cut, as container runtimes do.
    private const int LongestLine = 16 * 1024;

    // For lines that were written already when the last process ended.
    private static readonly TimeSpan Remainder = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly string _mark;
    private readonly Task _output;
    private volatile bool _abandoned;

    private RunningProcess(Process process, string mark, Action<string> line)
    {
        (_process, _mark) = (process, mark);
        process.StandardInput.Close();
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, line), PumpAsync(process.StandardError, line));
        Exited = WaitAsync();
    }

    /// <summary>Ends with the exit code (128 and the signal's number if a signal ended it), when nothing that it started is left.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts it with its streams as pipes, and no input.</summary>
    /// <param name="launch">What to run.</param>
    /// <param name="mark">By which its children are known.</param>
    /// <param name="line">Takes each line of either stream.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It can't be started.</exception>
    public static RunningProcess Start(ContainerLaunch launch, string mark, Action<string> line)
    {
        var start = new ProcessStartInfo(OwnSession, [launch.Program, .. launch.Arguments])
        {
            WorkingDirectory = launch.WorkingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach (var (name, value) in launch.Environment) start.Environment[name] = value;
        start.Environment[ContainerMark.Variable] = mark;
        return new(Process.Start(start)!, mark, line);
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate()
    {
        if (!_process.HasExited) _ = kill(_process.Id, SignalTerminate);
    }

    /// <summary>Ends it, and all that it started.</summary>
    public void Kill()
    {
        // Its group: it may have cleared its environment.
        if (!_process.HasExited) _ = kill(-_process.Id, SignalKill);
        ContainerMark.Kill(_mark);
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();

        // As a container ends with its first process.
        ContainerMark.Kill(_mark);
        if (await Task.WhenAny(_output, Task.Delay(Remainder, TimeProvider.System)) != _output)
        {
            // Someone without the mark has the pipes.
            _abandoned = true;
            _process.StandardOutput.Dispose();
            _process.StandardError.Dispose();
        }

        return _process.ExitCode;
    }

    private async Task PumpAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            var (text, buffer) = (new StringBuilder(), new char[4096]);
            for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
            {
                foreach (var character in buffer.AsSpan(0, count))
                {
                    if (character != '\n') text.Append(character);
                    if (character != '\n' && text.Length < LongestLine) continue;
                    line(text.ToString().TrimEnd('\r'));
                    text.Clear();
                }
            }

            if (text.Length > 0) line(text.ToString());
        }
        catch (Exception e) when (_abandoned && e is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int id, int signal);
}
