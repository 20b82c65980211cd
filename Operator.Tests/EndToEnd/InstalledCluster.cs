using k8s;
using LlmKube.Operator.LocalCluster;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>A cluster in this process whose pods are processes, for what users do with kubectl: nothing is installed yet.</summary>
internal sealed class InstalledCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("installed-");

    private InstalledCluster() { }

    public LocalClusterHost Host { get; private set; } = null!;

    public Kubernetes Client { get; private set; } = null!;

    public Kubectl Kubectl { get; private set; } = null!;

    /// <summary>A folder that goes with the cluster.</summary>
    public string Folder => _folder.FullName;

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    public static async Task<InstalledCluster> StartAsync(int gpus = 0)
    {
        var cluster = new InstalledCluster();
        try
        {
            cluster.Host = await LocalClusterHost.StartAsync(new()
            {
                Processes = RealPrograms.In(cluster.Folder),
                Controllers = new() { VolumeFolder = Path.Combine(cluster.Folder, "volumes") },
                Fleet = new(NodeSpec.Many(2, gpus: gpus)),
            });
            cluster.Host.ApiServer.WriteKubeconfig(cluster.Kubeconfig);
            (cluster.Client, cluster.Kubectl) = (new Kubernetes(cluster.Host.ApiServer.ClientConfiguration()), new Kubectl(cluster.Kubeconfig));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies a manifest.</summary>
    public async Task ApplyAsync(string manifest, params string[] flags)
    {
        var file = Path.Combine(Folder, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest);
        await Kubectl.RunAsync(["apply", "-f", file, .. flags]);
    }

    /// <summary>The sample for CPUs, with another source.</summary>
    public async Task ApplySampleAsync(string source, params string[] flags)
    {
        var sample = await File.ReadAllLinesAsync(Path.Combine(Installation.Root, "deploy", "samples", "cpu.yaml"));
        await ApplyAsync(string.Join('\n', sample.Select(l => l.StartsWith("  source: ", StringComparison.Ordinal) ? $"  source: {source}" : l)), flags);
    }

    public Task AvailableAsync(string @namespace = "llmkube-system") =>
        Kubectl.RunAsync("wait", "--for=condition=Available", "deployment/llmkube-operator", "-n", @namespace, "--timeout=100s");

    /// <summary>Requests of the operator's service account.</summary>
    public int RequestsOfOperator(Func<LocalCluster.ApiServer.RequestEntry, bool> isSo, string @namespace = "llmkube-system") =>
        Host.ApiServer.Requests.CountOf(r => r.User == $"system:serviceaccount:{@namespace}:llmkube-operator" && isSo(r));

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Host is not null) await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
