using System.Diagnostics;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.Commands;

/// <summary>The program as a process of its own, in a folder of its own.</summary>
internal sealed class ClusterProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("local-cluster-");
    private readonly Process _process;
    private readonly Task<string> _errors;

    public ClusterProcess(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ApiServerHost).Assembly.Location, .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where <c>--kubeconfig-out</c> writes by default.</summary>
    public string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");

    /// <summary>Where it runs.</summary>
    public string Folder => _folder.FullName;

    /// <summary>SIGKILL: no code of the program runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Reads the output up to a line that holds this.</summary>
    public async Task SaysAsync(string words)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(words, StringComparison.Ordinal)) return;
        }

        Assert.Fail($"The program ended without saying \"{words}\": {await _errors}");
    }

    /// <summary>Sends SIGTERM, as whoever stops a service does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int Code, string Output, string Errors)> EndsAsync()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var output = await _process.StandardOutput.ReadToEndAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
