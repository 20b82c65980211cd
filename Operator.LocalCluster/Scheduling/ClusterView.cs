using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Volumes;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Nodes with what is bound or promised to them, kept up by events. Everything here happens under the caches' gate.</summary>
internal sealed class ClusterView
{
    private readonly Dictionary<string, NodeState> _nodes = [];
    private readonly Dictionary<string, string> _placed = [];
    private readonly Dictionary<string, (PodState Pod, string Node)> _nominated = [];
    private readonly CacheIndex<V1Pod> _podsByNode;
    private readonly WatchCache<V1PersistentVolumeClaim> _claims;
    private readonly WatchCache<V1PersistentVolume> _volumes;
    private readonly WatchCache<V1StorageClass> _classes;
    private readonly WatchCache<V1Namespace> _namespaces;

    public ClusterView(ClusterCaches caches)
    {
        _podsByNode = caches.Of<V1Pod>().AddIndex(p => p.Spec.NodeName is { Length: > 0 } node ? [node] : []);
        _claims = caches.Of<V1PersistentVolumeClaim>();
        _volumes = caches.Of<V1PersistentVolume>();
        _classes = caches.Of<V1StorageClass>();
        _namespaces = caches.Of<V1Namespace>();
    }

    public IReadOnlyCollection<NodeState> Nodes => _nodes.Values;

    public void PutNode(V1Node node)
    {
        if (_nodes.TryGetValue(node.Metadata.Name, out var known))
        {
            known.Node = node;
            return;
        }

        var state = new NodeState(node);
        foreach (var pod in _podsByNode[node.Metadata.Name].Where(p => p.Status?.Phase is not ("Succeeded" or "Failed")))
        {
            state.Put(new(pod));
            _placed[pod.Metadata.Uid] = state.Name;
        }

        _nodes[state.Name] = state;
    }

    public void RemoveNode(string name) => _nodes.Remove(name);

    public void Place(PodState pod, string node)
    {
        if (_placed.TryGetValue(pod.Uid, out var before) && before != node) Remove(pod.Uid);
        _placed[pod.Uid] = node;
        _nominated.Remove(pod.Uid);
        if (_nodes.TryGetValue(node, out var state)) state.Put(pod);
    }

    /// <returns>Whether something became free.</returns>
    public bool Remove(string uid)
    {
        var freed = _nominated.Remove(uid);
        return _placed.Remove(uid, out var node) && _nodes.TryGetValue(node, out var state) && state.Remove(uid) || freed;
    }

    /// <summary>Keeps what a preemption frees for the pod that caused it.</summary>
    public void Nominate(PodState pod, string node) => _nominated[pod.Uid] = (pod, node);

    /// <summary>The node with those promised to it who are no less important than the pod.</summary>
    public NodeState SeenBy(PodState pod, NodeState node)
    {
        var promised = _nominated.Values.Where(n => n.Node == node.Name && n.Pod.Uid != pod.Uid && n.Pod.Priority >= pod.Priority).ToList();
        if (promised.Count == 0) return node;
        var copy = node.Without([]);
        foreach (var (other, _) in promised) copy.Put(other);
        return copy;
    }

    public IDictionary<string, string>? LabelsOfNamespace(string name) => _namespaces.Find(null, name)?.Metadata.Labels;

    /// <returns>What the pod's claims ask of a node, or why no node will do.</returns>
    public (VolumeNeeds Needs, string? Problem) NeedsOf(PodState pod)
    {
        if (pod.Claims.Count == 0) return (VolumeNeeds.None, null);
        var bound = new List<V1PersistentVolume>();
        var waiting = new List<Func<V1Node, bool>>();
        foreach (var name in pod.Claims)
        {
            if (_claims.Find(pod.Namespace, name) is not { } claim) return (VolumeNeeds.None, $"persistentvolumeclaim \"{name}\" not found");
            if (_claims.IsDeleting(claim)) return (VolumeNeeds.None, $"persistentvolumeclaim \"{name}\" is being deleted");
            if (claim.Status?.Phase == "Lost") return (VolumeNeeds.None, $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"");
            if (IsBound(claim))
            {
                if (_volumes.Find(null, claim.Spec.VolumeName) is not { } volume) return (VolumeNeeds.None, $"persistentvolume \"{claim.Spec.VolumeName}\" not found");
                bound.Add(volume);
                continue;
            }

            var className = VolumeMatching.ClassOf(claim, _classes.All());
            var storage = className.Length == 0 ? null : _classes.Find(null, className);
            if (!VolumeMatching.Waits(storage)) return (VolumeNeeds.None, "pod has unbound immediate PersistentVolumeClaims");
            waiting.Add(node => CanWaitFor(claim, storage!, node));
        }

        return (new(bound, waiting), null);
    }

    /// <summary>The pod's claims that no volume is bound to yet.</summary>
    public IReadOnlyList<V1PersistentVolumeClaim> UnboundClaims(PodState pod) =>
        [.. pod.Claims.Select(name => _claims.Find(pod.Namespace, name)).OfType<V1PersistentVolumeClaim>().Where(c => !IsBound(c))];

    private bool CanWaitFor(V1PersistentVolumeClaim claim, V1StorageClass storage, V1Node node)
    {
        if (claim.Annotation(VolumeMatching.SelectedNode) is { } selected) return selected == node.Metadata.Name;
        return storage.Provisioner != "kubernetes.io/no-provisioner" || VolumeMatching.Best(claim, storage.Metadata.Name, _volumes.All(), node) is not null;
    }

    private static bool IsBound(V1PersistentVolumeClaim claim) => claim.Status?.Phase == "Bound" && !string.IsNullOrEmpty(claim.Spec.VolumeName);
}
