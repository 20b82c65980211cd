using System.Diagnostics;
using System.Globalization;
using System.Net;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>The process of llama.cpp's server that plays a pod's container, as the kernel knows it.</summary>
internal sealed class ServerProcess
{
    private const string Established = "01";

    private readonly int _id;

    private ServerProcess(int id) => _id = id;

    /// <summary>Not there, or dead and not yet buried.</summary>
    public bool HasEnded => !File.Exists($"/proc/{_id}/stat") || File.ReadAllText($"/proc/{_id}/stat").Contains(") Z ", StringComparison.Ordinal);

    /// <summary>Where it listens, or is to.</summary>
    public IPAddress Address => IPAddress.Parse(Arguments($"/proc/{_id}").Split('\0').SkipWhile(a => a != "--host").ElementAt(1));

    /// <summary>Whether somebody has asked it something that it has not read yet, as the kernel's table of connections has it (proc(5), /proc/net/tcp).</summary>
    public bool HasUnread
    {
        get
        {
            var local = $"{BitConverter.ToUInt32(Address.GetAddressBytes()):X8}:{InferenceServiceDefaults.Port:X4}";
            return File.ReadLines("/proc/net/tcp").Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(c => c[1] == local && c[3] == Established && !c[4].EndsWith(":00000000", StringComparison.Ordinal));
        }
    }

    /// <summary>The one that listens on a pod's address.</summary>
    public static ServerProcess Of(string podAddress) => Having($"--host\0{podAddress}\0") ?? throw new InvalidOperationException($"No server has the address {podAddress}.");

    /// <summary>The one whose weights are below a folder; null: it has not been started.</summary>
    public static ServerProcess? Serving(string folder) => Having($"--model\0{folder}{Path.DirectorySeparatorChar}");

    /// <summary>It does nothing until it is told to go on: a disk that takes its time.</summary>
    public Task HoldAsync() => SignalAsync("STOP");

    public Task GoOnAsync() => SignalAsync("CONT");

    /// <summary>It ends at once, as if the kernel had needed its memory.</summary>
    public Task KillAsync() => SignalAsync("KILL");

    private static ServerProcess? Having(string arguments) =>
        Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _) && Arguments(folder).Contains(arguments, StringComparison.Ordinal))
            .Select(folder => new ServerProcess(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)))
            .SingleOrDefault();

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
