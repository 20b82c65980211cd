using System.Diagnostics;
using System.Globalization;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>The process of llama.cpp's server that plays a pod's container, as the kernel knows it.</summary>
internal sealed class ServerProcess
{
    private readonly int _id;

    private ServerProcess(int id) => _id = id;

    /// <summary>Not there, or dead and not yet buried.</summary>
    public bool HasEnded => !File.Exists($"/proc/{_id}/stat") || File.ReadAllText($"/proc/{_id}/stat").Contains(") Z ", StringComparison.Ordinal);

    /// <summary>The one that listens on a pod's address.</summary>
    public static ServerProcess Of(string podAddress) => new(
        Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _) && Arguments(folder).Contains($"--host\0{podAddress}\0", StringComparison.Ordinal))
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Single());

    /// <summary>It does nothing until it is told to go on: a disk that takes its time.</summary>
    public Task HoldAsync() => SignalAsync("STOP");

    public Task GoOnAsync() => SignalAsync("CONT");

    /// <summary>It ends at once, as if the kernel had needed its memory.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    private static string Arguments(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
    }
}
