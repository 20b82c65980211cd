using System.Diagnostics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>The npm package @huggingface/gguf, as build/gguf-agreement runs it.</summary>
internal static class OtherParser
{
    private static readonly string Folder = Path.Combine(Installation.Root, "build", "gguf-agreement");

    /// <summary>Whether this run asks it, rather than believing what it said once.</summary>
    public static bool IsAsked => Environment.GetEnvironmentVariable("LLMKUBE_GGUF_JS") == "1" || Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    /// <summary>What it says of a file, as JSON.</summary>
    public static async Task<string> ReadAsync(string name, byte[] file)
    {
        Assert.That(Directory.Exists(Path.Combine(Folder, "node_modules")), "run npm ci in build/gguf-agreement");
        var folder = Directory.CreateTempSubdirectory("gguf-other-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(path, file);
            using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, "parse.mjs"), path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var words = await Task.WhenAll(node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            await node.WaitForExitAsync();
            Assert.That(node.ExitCode, Is.Zero, words[1]);
            return words[0];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
