using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LlmKube.Operator.Hosting;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>The built program as a process of its own.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private const int LastWords = 30;

    private readonly Process _process;

    private ProgramProcess(Process process) => _process = process;

    /// <summary>The lines on stdout, which are its log.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="environment">Goes before this process's own; null: not even that.</param>
    /// <param name="arguments">Its verb and flags.</param>
    public static ProgramProcess Start((string Name, string? Value)[] environment, params IEnumerable<string> arguments) => StartAfter("", environment, arguments);

    /// <summary>Starts it in place of a shell that has set limits.</summary>
    /// <param name="commands">What the shell does before, for instance <c>ulimit -f 100;</c>.</param>
    /// <param name="environment">Goes before this process's own; null: not even that.</param>
    /// <param name="arguments">Its verb and flags.</param>
    public static ProgramProcess StartAfter(string commands, (string Name, string? Value)[] environment, params IEnumerable<string> arguments)
    {
        string[] program = [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", typeof(OperatorApplication).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(commands.Length > 0 ? "/bin/sh" : program[0], commands.Length > 0 ? ["-c", $"{commands} exec \"$@\"", "sh", .. program] : program[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        var started = new ProgramProcess(Process.Start(start)!);
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
        await SignalAsync("TERM");
        return await ExitAsync();
    }

    /// <summary>Sends a signal: TERM asks it to end, STOP lets no code of it run until CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Assert.Fail($"it does not end; its last words: {string.Join('\n', Output.TakeLast(LastWords))}\n{string.Join('\n', Errors)}");
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
