using System.Text;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>What pods take from the API: config maps, secrets and the volumes behind claims.</summary>
internal sealed class PodObjects(ClusterCaches caches)
{
    private readonly WatchCache<V1PersistentVolumeClaim> _claims = caches.Of<V1PersistentVolumeClaim>();
    private readonly WatchCache<V1PersistentVolume> _volumes = caches.Of<V1PersistentVolume>();

    /// <returns>Null if there is none.</returns>
    public async Task<IReadOnlyDictionary<string, byte[]>?> ConfigMapAsync(string ns, string name, CancellationToken cancellation)
    {
        if (await caches.Api.FindAsync<V1ConfigMap>(ResourceType.Of<V1ConfigMap>(), new(ns, name), cancellation) is not { } map) return null;
        var content = (map.Data ?? new Dictionary<string, string>()).ToDictionary(p => p.Key, p => Encoding.UTF8.GetBytes(p.Value));
        foreach (var (key, bytes) in map.BinaryData ?? new Dictionary<string, byte[]>()) content[key] = bytes;
        return content;
    }

    /// <inheritdoc cref="ConfigMapAsync"/>
    public async Task<IReadOnlyDictionary<string, byte[]>?> SecretAsync(string ns, string name, CancellationToken cancellation)
    {
        if (await caches.Api.FindAsync<V1Secret>(ResourceType.Of<V1Secret>(), new(ns, name), cancellation) is not { } secret) return null;
        return (secret.Data ?? new Dictionary<string, byte[]>()).ToDictionary(p => p.Key, p => p.Value);
    }

    /// <returns>The folder that the claim's volume is on this machine; null if it has none.</returns>
    public string? FolderOf(string ns, string claim)
    {
        if (_claims.Find(ns, claim)?.Spec.VolumeName is not { Length: > 0 } name || _volumes.Find(null, name)?.Spec is not { } volume) return null;
        return volume.HostPath?.Path ?? volume.Local?.Path;
    }
}
