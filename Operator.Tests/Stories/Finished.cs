using System.Diagnostics;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Programs that run to their end, and have a time for it.</summary>
internal static class Finished
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Runs it; one that doesn't end fails the test.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(ProcessStartInfo start, TimeSpan? patience = null)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(patience ?? Patience, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end within {patience ?? Patience}");
        }

        return (process.ExitCode, await output, await errors);
    }
}
