using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LlmKube.Operator.Hosting;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>The built program as a process of its own.</summary>
internal sealed class OperatorProcess : IDisposable
{
    private readonly Process _process;

    private OperatorProcess(Process process) => _process = process;

    /// <summary>The lines on stdout, which are its log.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Starts it.</summary>
    /// <param name="environment">Goes before this process's own.</param>
    /// <param name="arguments">Its flags.</param>
    public static OperatorProcess Start((string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(OperatorApplication).Assembly.Location, "--metrics-bind-address=0", "--health-probe-bind-address=0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = new OperatorProcess(Process.Start(start)!);
        started._process.OutputDataReceived += (_, line) => { if (line.Data is { } text) started.Output.Enqueue(text); };
        started._process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) started.Errors.Enqueue(text); };
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>SIGKILL: no code of the program runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM, as a kubelet sends it; the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
