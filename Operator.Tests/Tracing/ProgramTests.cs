using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>The program itself, with an environment that it does not understand.</summary>
public sealed class ProgramTests
{
    [Test]
    public async Task A_mistaken_variable_is_one_line_that_names_it_and_exit_code_2()
    {
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, """
            {"apiVersion": "v1", "kind": "Config", "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
             "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:1"}}], "users": [{"name": "a", "user": {}}]}
            """);
        using var program = ProgramProcess.Start([("OTEL_EXPORTER_OTLP_ENDPOINT", "http:/collector")], $"--kubeconfig={kubeconfig}", "--metrics-bind-address=0", "--health-probe-bind-address=0");

        var code = await program.ExitAsync();

        Assert.That(code, Is.EqualTo(2));
        Assert.That(program.Errors, Is.EqualTo(new[] { "llmkube-operator: OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, or host:port (see --help)" }));
        Assert.That(program.Output, Is.Empty);
        File.Delete(kubeconfig);
    }
}
