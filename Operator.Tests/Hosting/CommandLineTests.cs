using System.Diagnostics;

namespace LlmKube.Operator.Tests.Hosting;

public sealed class CommandLineTests
{
    [Test]
    public async Task The_program_itself_refuses_with_exit_code_2()
    {
        var (code, error) = await RunAsync("--log-level=loud");

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Is.EqualTo($"llmkube-operator: --log-level: 'loud' must be trace, debug, information, warning or error (see --help){Environment.NewLine}"));
    }

    // Nothing that it needs has been said yet.
    [TestCase("download")]
    [TestCase("remove")]
    public async Task A_verb_can_be_asked_for_help(string verb) => Assert.That(await RunAsync(verb, "--help"), Is.EqualTo((0, "")));

    [TestCase("clusters: [", TestName = "A kubeconfig that is no YAML is one line")]
    [TestCase("kind: Config\ncurrent-context: nowhere", TestName = "A kubeconfig without its context is one line")]
    public async Task A_broken_kubeconfig(string text)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);

        var (code, error) = await RunAsync($"--kubeconfig={file}");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Match($@"^llmkube-operator: --kubeconfig {file} can't be used: [^\n]+\r?\n\z"));
        File.Delete(file);
    }

    [Test]
    public async Task A_certificate_that_can_not_be_used_is_one_line()
    {
        var folder = Directory.CreateTempSubdirectory("certificate-");

        var (code, error) = await RunAsync("--metrics-cert-path", folder.FullName);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Match($@"^llmkube-operator: --metrics-cert-path: {folder.FullName}/tls.crt and tls.key can't be used: [^\n]+\r?\n\z"));
        folder.Delete();
    }

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var program = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(TestContext.CurrentContext.TestDirectory, "LlmKube.Operator.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, error);
    }
}
