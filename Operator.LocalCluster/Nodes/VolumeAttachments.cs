using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>A ReadWriteOnce claim is attached to one node at a time; pods on another node wait, as with a real disk.</summary>
internal sealed class VolumeAttachments
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, (string Node, HashSet<string> Pods)> _attached = [];

    /// <returns>Whether all claims of the pod are on its node now.</returns>
    public bool TryAttach(V1Pod pod, IEnumerable<V1PersistentVolumeClaim> claims)
    {
        var exclusive = claims.Where(c => c.Spec.AccessModes?.Any(m => m is "ReadWriteMany" or "ReadOnlyMany") != true).Select(c => ObjectKey.Of(c)).ToList();
        lock (_gate)
        {
            if (exclusive.Any(c => _attached.TryGetValue(c, out var held) && held.Node != pod.Spec.NodeName)) return false;
            foreach (var claim in exclusive)
            {
                if (!_attached.TryGetValue(claim, out var held)) _attached[claim] = held = (pod.Spec.NodeName, []);
                held.Pods.Add(pod.Metadata.Uid);
            }

            return true;
        }
    }

    /// <returns>The claims that became free for other nodes.</returns>
    public IReadOnlyList<ObjectKey> Detach(string uid)
    {
        lock (_gate)
        {
            var freed = new List<ObjectKey>();
            foreach (var (claim, held) in _attached)
            {
                if (held.Pods.Remove(uid) && held.Pods.Count == 0) freed.Add(claim);
            }

            foreach (var claim in freed) _attached.Remove(claim);
            return freed;
        }
    }
}
