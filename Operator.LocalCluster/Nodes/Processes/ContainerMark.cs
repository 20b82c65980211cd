using System.ComponentModel;
using System.Diagnostics;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>
/// A variable by which the processes of a container are known, wherever they went: children inherit it, also those that leave their
/// parent's group and session.
/// </summary>
internal static class ContainerMark
{
    public const string Variable = "LLMKUBE_LOCAL_CONTAINER";

    private const int Looks = 100;

    /// <summary>Kills all processes of the mark.</summary>
    public static void Kill(string mark)
    {
        // A process that forks while it is looked for leaves one that the next look finds. One that can't die now ends no later for more looks.
        var found = true;
        for (var look = 0; found && look < Looks; look++)
        {
            found = false;
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(folder), out var id) || !Has(folder, mark)) continue;
                found |= TryKill(id);
            }
        }
    }

    private static bool Has(string folder, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains($"{Variable}={mark}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended, or is someone else's.
        }
    }

    private static bool TryKill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false; // It has ended by itself, or may not be killed.
        }
    }
}
