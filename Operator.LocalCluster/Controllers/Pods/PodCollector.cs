using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Pods;

/// <summary>Removes pods that no kubelet can finish: those of a node that is gone, and those deleted before they had one.</summary>
internal sealed class PodCollector : Controller<ObjectKey>
{
    private readonly WatchCache<V1Pod> _pods;
    private readonly WatchCache<V1Node> _nodes;

    public PodCollector(ClusterCaches caches)
        : base(caches, "Pods")
    {
        _pods = caches.Of<V1Pod>();
        _nodes = caches.Of<V1Node>();
        var byNode = _pods.AddIndex(p => p.Spec.NodeName is { Length: > 0 } node ? [node] : []);
        _pods.Changed += (_, now) =>
        {
            if (now?.Metadata.DeletionTimestamp is not null) Queue.Add(ObjectKey.Of(now));
        };
        _nodes.Changed += (before, now) =>
        {
            if (now is not null) return;
            foreach (var pod in byNode[before!.Metadata.Name]) Queue.Add(ObjectKey.Of(pod));
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_pods.Find(key) is not { } pod) return;
        var node = pod.Spec.NodeName;
        var lost = string.IsNullOrEmpty(node)
            ? pod.Metadata.DeletionTimestamp is not null
            : _nodes.Find(null, node) is null && await Api.FindAsync<V1Node>(_nodes.Type, new("", node), cancellation) is null;
        if (lost) await Api.DeleteAsync(_pods.Type, key, pod.Metadata.Uid, cancellation, graceSeconds: 0);
    }
}
