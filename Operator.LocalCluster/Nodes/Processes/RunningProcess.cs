using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A process, its lines and its end.</summary>
internal sealed class RunningProcess : IDisposable
{
    private const int SignalTerminate = 15, SignalKill = 9;
    private readonly Process _process;
    private readonly Task _output;

    private RunningProcess(Process process, Func<string, ValueTask> line)
    {
        _process = process;
        process.StandardInput.Close();
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, line), PumpAsync(process.StandardError, line));
        Exited = WaitAsync();
    }

    /// <summary>Ends with the exit code (128 and the signal's number if a signal ended it), after the last line.</summary>
    public Task<int> Exited { get; }

    /// <param name="launch">What to run.</param>
    /// <param name="line">Takes each line of either stream; what takes long holds the process up.</param>
    public static async Task<RunningProcess> StartAsync(ContainerLaunch launch, Func<string, ValueTask> line) =>
        new(await ProcessSpawner.Instance.StartAsync(launch), line);

    /// <summary>Asks it to end.</summary>
    public void Terminate()
    {
        if (!_process.HasExited) _ = kill(_process.Id, SignalTerminate);
    }

    /// <summary>Ends it and all that it started.</summary>
    public void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        var id = _process.Id;
        await _process.WaitForExitAsync();

        // As a container ends with its first process: what is left of its session would hold the pipes open.
        _ = kill(-id, SignalKill);
        await _output;
        return _process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Func<string, ValueTask> line)
    {
        while (await reader.ReadLineAsync() is { } text) await line(text);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int id, int signal);
}
