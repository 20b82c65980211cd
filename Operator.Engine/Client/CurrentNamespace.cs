namespace KubeOps.KubernetesClient;

/// <summary>Finds the namespace that this process runs in.</summary>
internal static class CurrentNamespace
{
    // Where Kubernetes mounts it into every pod that has a service account.
    private const string Mounted = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary>What the pod is told, by a variable or a mount.</summary>
    /// <param name="downwardApiEnvName">The variable.</param>
    /// <param name="outside">The namespace of a process that is in no pod; null: that named <c>default</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<string> FindAsync(string downwardApiEnvName, string? outside, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(downwardApiEnvName) is { Length: > 0 } told) return told;
        if (File.Exists(Mounted)) return (await File.ReadAllTextAsync(Mounted, cancellationToken)).Trim();
        return outside is { Length: > 0 } ? outside : "default";
    }
}
