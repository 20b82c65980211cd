using LlmKube.Operator.LocalCluster.Access;
using LlmKube.Operator.LocalCluster.Commands;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The demo's folder: what an earlier run left is removed, and only one run uses it at a time.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly HeldFolder _held;

    private DemoFolder(string path)
    {
        Path = path;
        string[] ours = [Kubeconfig, Log, Manifest, Volumes, Nodes, KubectlCache, In("model"), Token, Scraping, Rules, Samples];
        _held = HeldFolder.Take(path, "llmkube-demo", ours, ours);
        Directory.CreateDirectory(In("model"));
    }

    public string Path { get; }

    /// <summary>The administrator's kubeconfig.</summary>
    public string Kubeconfig => In("kubeconfig");

    /// <summary>The log lines of the cluster's parts.</summary>
    public string Log => In("cluster.log");

    /// <summary>What is applied: the sample with its source replaced.</summary>
    public string Manifest => In("demo.yaml");

    /// <summary>The volumes of claims.</summary>
    public string Volumes => In("volumes");

    /// <summary>The pods' files.</summary>
    public string Nodes => In("nodes");

    /// <summary>What kubectl remembers of the cluster.</summary>
    public string KubectlCache => In("kubectl-cache");

    /// <summary>The administrator's token, for a Prometheus to show.</summary>
    public string Token => In("token");

    /// <summary>A Prometheus' configuration.</summary>
    public string Scraping => In("prometheus.yml");

    /// <summary>The rules that it names.</summary>
    public string Rules => In("rules.yml");

    /// <summary>Where it may keep its samples.</summary>
    public string Samples => In("prometheus");

    /// <summary>The generated model; nothing else is in its folder, which is served.</summary>
    public string Model => System.IO.Path.Combine(In("model"), "tiny.gguf");

    /// <exception cref="CannotRunException">The folder can't be used.</exception>
    public static DemoFolder Open(string path) => new(path);

    public void Dispose() => _held.Dispose();

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
