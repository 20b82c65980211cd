using k8s;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Tests.Controllers;

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

    [TestCase(true, TestName = "Its_pods_end_with_it_when_it_is_told_to_end")]
    [TestCase(false, TestName = "Its_pods_end_with_it_even_when_it_is_killed")]
    public async Task Pods_end_with_their_node(bool politely)
    {
        using var program = new ClusterProcess("up", "--port", "0", "--image", "shell:*=/bin/sh -c");
        await program.SaysAsync("export KUBECONFIG=");
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(program.Kubeconfig));
        var pod = Build.Pod("main");
        (pod.Spec.Containers[0].Image, pod.Spec.Containers[0].Args) = ("shell:1", ["setsid sleep 1000 & echo $! > $HOME/id; trap '' TERM; while :; do sleep 1; done"]);
        var uid = (await client.CoreV1.CreateNamespacedPodAsync(pod, "default")).Metadata.Uid;
        var id = await EventuallyAsync(() => ReadId(Path.Combine(program.Folder, ".cluster", "pods", uid, "containers", "main", "id")), text => text.Length > 0);
        Assert.That(Directory.Exists($"/proc/{id}"), Is.True);

        if (politely) await program.TerminateAsync();
        else program.Kill();

        await program.EndsAsync();
        await EventuallyAsync(() => Directory.Exists($"/proc/{id}"), exists => !exists);
    }

    private static string ReadId(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "";

    private static async Task<T> EventuallyAsync<T>(Func<T> look, Func<T, bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            var seen = look();
            if (isSo(seen)) return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    private sealed class TemporaryKubeconfig : IDisposable
    {
        public TemporaryKubeconfig(ApiServerHost server) => server.WriteKubeconfig(Path);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
