using System.Diagnostics;
using LlmKube.Operator.LocalCluster.Commands;
using LlmKube.Operator.LocalCluster.Nodes.Processes;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The real kubectl, as a user has it, but for Ctrl-C, which ends the demo and not a command of it.</summary>
/// <param name="program">Its path.</param>
/// <param name="root">The folder that it runs in.</param>
internal sealed class KubectlProgram(string program, string root, DemoFolder folder)
{
    /// <summary>Runs a command; returns what it printed.</summary>
    /// <exception cref="CannotRunException">It failed; the message is its own.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(RunningProcess.OwnSession, [program, .. arguments, "--cache-dir", folder.KubectlCache])
        {
            WorkingDirectory = root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = folder.Kubeconfig;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode == 0) return await output;
            throw new CannotRunException($"kubectl {string.Join(' ', arguments)} failed: {(await errors).ReplaceLineEndings(" ").Trim()}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
