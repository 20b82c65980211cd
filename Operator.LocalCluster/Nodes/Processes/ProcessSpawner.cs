using System.Collections.Concurrent;
using System.Diagnostics;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>
/// Starts processes that can't outlive this one: the kernel kills them when the thread that started them ends, however it ends, so one
/// thread starts them all and lives as long as the process. Each leads a session of its own, out of reach of the terminal's Ctrl-C.
/// </summary>
internal sealed class ProcessSpawner
{
    /// <summary>The one of this process.</summary>
    public static readonly ProcessSpawner Instance = new();

    // util-linux; without it (another system) children are plain ones.
    private static readonly string[] s_prefix = File.Exists("/usr/bin/setpriv") && File.Exists("/usr/bin/setsid") ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", "/usr/bin/setsid"] : [];
    private readonly BlockingCollection<Action> _starts = [];

    private ProcessSpawner() => new Thread(Run) { IsBackground = true, Name = "process-spawner" }.Start();

    /// <summary>Starts it with its three streams as pipes.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It can't be started.</exception>
    public Task<Process> StartAsync(ContainerLaunch launch)
    {
        string[] line = [.. s_prefix, launch.Program, .. launch.Arguments];
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            WorkingDirectory = launch.WorkingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach (var (name, value) in launch.Environment) start.Environment[name] = value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
#pragma warning disable CA1031 // It is the caller's, and the thread must live on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private void Run()
    {
        foreach (var start in _starts.GetConsumingEnumerable()) start();
    }
}
