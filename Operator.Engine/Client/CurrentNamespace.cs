using k8s;

namespace KubeOps.KubernetesClient;

/// <summary>Finds the namespace that this process runs in.</summary>
internal static class CurrentNamespace
{
    // Where Kubernetes mounts it into every pod that has a service account.
    private const string Mounted = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    public static async Task<string> FindAsync(
        string downwardApiEnvName, KubernetesClientConfiguration? configuration, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(downwardApiEnvName) is { Length: > 0 } told) return told;
        if (File.Exists(Mounted)) return (await File.ReadAllTextAsync(Mounted, cancellationToken)).Trim();
        return configuration?.Namespace is { Length: > 0 } ofContext ? ofContext : "default";
    }
}
