using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.Commands;

/// <summary>The program as a process: it ends well when it is told to. (SIGINT goes the same way; whoever runs tests in the background has it ignored.)</summary>
[Platform("Linux,MacOsX")]
public sealed class StopTests
{
    [TestCase("up")]
    [TestCase("api-server")]
    public async Task A_server_ends_even_with_watches_open(string verb)
    {
        using var program = new ClusterProcess(verb, "--port", "0");
        await program.SaysAsync("export KUBECONFIG=");
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(program.Kubeconfig));
        using var watch = await client.CoreV1.ListNamespaceWithHttpMessagesAsync(watch: true);
        await program.TerminateAsync();
        var (code, _, errors) = await program.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((0, "")));
    }

    [TestCase("controllers", "pods")]
    [TestCase("scheduler", "pods")]
    [TestCase("nodes", "pods")]
    [TestCase("proxy", "services")]
    public async Task A_part_ends(string verb, string watched)
    {
        await using var server = await ApiServerHost.StartAsync(new ApiServerOptions());
        using var kubeconfig = new TemporaryKubeconfig(server);
        using var program = new ClusterProcess(verb, "--kubeconfig", kubeconfig.Path);
        await program.SaysAsync("Running");
        await server.Requests.WaitForAsync(r => r.Verb == "watch" && r.Resource == watched).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        await program.TerminateAsync();
        var (code, _, errors) = await program.EndsAsync();
        Assert.That((code, errors), Is.EqualTo((0, "")));
    }

    private sealed class TemporaryKubeconfig : IDisposable
    {
        public TemporaryKubeconfig(ApiServerHost server) => server.WriteKubeconfig(Path);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
