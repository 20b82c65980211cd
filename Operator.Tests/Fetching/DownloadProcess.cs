using System.Collections.Concurrent;
using System.Diagnostics;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>The built program with the verb <c>download</c>, as a process of its own.</summary>
internal sealed class DownloadProcess : IDisposable
{
    private readonly Process _process;

    private DownloadProcess(Process process) => _process = process;

    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="source">Goes into the environment, as in a Job.</param>
    /// <param name="arguments">The rest.</param>
    public static DownloadProcess Start(string? source, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[typeof(DownloadCommand).Assembly.Location, "download", .. arguments]) start.ArgumentList.Add(argument);
        start.Environment.Remove(DownloadCommand.SourceVariable);
        if (source is not null) start.Environment[DownloadCommand.SourceVariable] = source;
        var started = new DownloadProcess(Process.Start(start)!);
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
        await _process.WaitForExitAsync();
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
