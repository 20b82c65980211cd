using System.Diagnostics;
using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>Prometheus' own judge of rules and expressions: the one that <c>make tools</c> got, else the one on PATH.</summary>
internal static class Promtool
{
    /// <summary>Runs it to its end; unless it is content, the test fails with its words.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        var (exitCode, words) = await TellAsync("", arguments);
        Assert.That(exitCode, Is.Zero, $"promtool {string.Join(' ', arguments)}: {words}");
    }

    /// <summary>Runs it to its end on an input; gives its exit code and its words.</summary>
    public static async Task<(int ExitCode, string Words)> TellAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Tools.Find("promtool"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{await output}\n{await errors}");
    }
}
