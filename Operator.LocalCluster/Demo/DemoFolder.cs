namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>The demo's folder: what an earlier run left is removed, and only one run uses it at a time.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly FileStream _lock;

    private DemoFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
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

    /// <summary>The generated model; nothing else is in its folder, which is served. It stays from run to run.</summary>
    public string Model => System.IO.Path.Combine(In("model"), "tiny.gguf");

    /// <exception cref="DemoException">The folder can't be used.</exception>
    public static DemoFolder Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            var held = Lock(System.IO.Path.Combine(path, "lock"), path);
            var folder = new DemoFolder(path, held);
            // Only what a run makes: the folder may be any that the user named.
            foreach (var file in new[] { folder.Kubeconfig, folder.Log, folder.Manifest }) File.Delete(file);
            foreach (var old in new[] { folder.Volumes, folder.Nodes, folder.KubectlCache }.Where(Directory.Exists)) Directory.Delete(old, recursive: true);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(folder.Model)!);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DemoException($"{path} can't be used: {e.Message}");
        }
    }

    public void Dispose() => _lock.Dispose();

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static FileStream Lock(string file, string path)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new DemoException($"another demo runs in {path}: stop it first");
        }
    }
}
