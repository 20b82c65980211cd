using System.Diagnostics;
using System.Reflection;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

/// <summary>The real kubectl, from .tools/bin (make tools) or PATH, with caches of its own.</summary>
internal sealed class Kubectl : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("kubectl-").FullName;
    private readonly string _program;

    public Kubectl(ApiServerHost server)
    {
        _program = Find() ?? "";
        Assume.That(_program, Is.Not.Empty, "kubectl is not installed: make tools");
        server.WriteKubeconfig(Path.Combine(_home, "config"));
    }

    /// <summary>Runs kubectl; its output and errors in one, and its exit code.</summary>
    public async Task<(int Code, string Output)> RunAsync(string arguments, string? input = null, string? editor = null)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Split(' ')) start.ArgumentList.Add(argument.Replace('~', ' '));
        start.Environment["KUBECONFIG"] = Path.Combine(_home, "config");
        start.Environment["HOME"] = _home;
        if (editor is not null) start.Environment["KUBE_EDITOR"] = editor;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private static string? Find()
    {
        var root = typeof(Kubectl).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key is "RepositoryFolder").Value!;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend(Path.Combine(root, ".tools", "bin"));
        return folders.Select(f => Path.Combine(f, "kubectl")).FirstOrDefault(File.Exists);
    }
}
