using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.ReplicaSets;

/// <summary>Keeps as many pods as a ReplicaSet says.</summary>
internal sealed class ReplicaSetController : Controller<ObjectKey>
{
    private const int Burst = 500;
    private readonly WatchCache<V1ReplicaSet> _sets;
    private readonly WatchCache<V1Pod> _pods;
    private readonly CacheIndex<V1Pod> _podsByOwner;
    private readonly CacheIndex<V1ReplicaSet> _setsByUid;
    private readonly CacheIndex<V1Pod> _orphansByNamespace;

    public ReplicaSetController(ClusterCaches caches)
        : base(caches, "ReplicaSets")
    {
        _sets = caches.Of<V1ReplicaSet>();
        _pods = caches.Of<V1Pod>();
        _podsByOwner = caches.PodsByController;
        _orphansByNamespace = _pods.AddIndex(p => p.Controller() is null ? [p.Metadata.NamespaceProperty] : []);
        _setsByUid = _sets.AddIndex(s => [s.Metadata.Uid]);
        _sets.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _pods.Changed += (before, now) =>
        {
            var pod = now ?? before!;
            if (pod.Controller() is { Kind: "ReplicaSet" } owner)
            {
                foreach (var set in _setsByUid[owner.Uid]) Queue.Add(ObjectKey.Of(set));
            }
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_sets.Find(key) is not { } set) return;
        var active = _podsByOwner[set.Metadata.Uid].Where(p => !p.IsTerminal() && !_pods.IsDeleting(p)).ToList();
        string? failure = null;
        if (!_sets.IsDeleting(set))
        {
            active.AddRange(await AdoptAsync(set, cancellation));
            var missing = (set.Spec.Replicas ?? 1) - active.Count;
            if (missing > 0) failure = await CreateAsync(set, Math.Min(missing, Burst), active, cancellation);
            else if (missing < 0) await DeleteAsync(active, -missing, cancellation);
        }

        await ReportAsync(set, active, failure, cancellation);
        var wait = active.Select(p => p.UntilAvailable(set.Spec.MinReadySeconds ?? 0, Now)).Where(w => w > TimeSpan.Zero).Min();
        if (wait is { } soon) Queue.AddAfter(key, soon);
        if (failure is not null) throw new InvalidOperationException(failure);
    }

    /// <summary>Takes over pods of nobody that its selector matches, as after a delete that left them.</summary>
    private async Task<IReadOnlyList<V1Pod>> AdoptAsync(V1ReplicaSet set, CancellationToken cancellation)
    {
        var adopted = new List<V1Pod>();
        foreach (var orphan in _orphansByNamespace[set.Metadata.NamespaceProperty])
        {
            if (orphan.IsTerminal() || _pods.IsDeleting(orphan) || !set.Spec.Selector.Matches(orphan.Metadata.Labels)) continue;
            var copy = orphan.Copy();
            copy.Metadata.OwnerReferences = [.. copy.Metadata.OwnerReferences ?? [], set.AsController()];
            adopted.Add(_pods.Observe(await Api.ReplaceAsync(copy, cancellation)));
        }

        return adopted;
    }

    /// <returns>Why the server refused, if it did.</returns>
    private async Task<string?> CreateAsync(V1ReplicaSet set, int count, List<V1Pod> active, CancellationToken cancellation)
    {
        // Slow start: a template that is refused is refused once, not five hundred times.
        for (var (made, batch) = (0, 1); made < count; batch *= 2)
        {
            batch = Math.Min(batch, count - made);
            for (var i = 0; i < batch; i++, made++)
            {
                try
                {
                    var pod = PodBuilder.FromTemplate(set.Spec.Template, set.Metadata.NamespaceProperty, set.Metadata.Name, set.AsController());
                    active.Add(_pods.Observe(await Api.CreateAsync(pod, cancellation)));
                }
                catch (HttpOperationException e) when (!e.IsNamespaceTerminating())
                {
                    return e.Words();
                }
            }
        }

        return null;
    }

    private async Task DeleteAsync(List<V1Pod> active, int count, CancellationToken cancellation)
    {
        foreach (var pod in ReplicaSetDecider.ToDelete(active, count))
        {
            await Api.DeleteAsync(_pods.Type, ObjectKey.Of(pod), pod.Metadata.Uid, cancellation);
            _pods.ObserveDeletion(pod);
            active.Remove(pod);
        }
    }

    private async Task ReportAsync(V1ReplicaSet set, List<V1Pod> active, string? failure, CancellationToken cancellation)
    {
        var status = ReplicaSetDecider.Status(set, active, failure, Now);
        if (Objects.SameJson(status, set.Status)) return;
        var copy = set.Copy();
        copy.Status = status;
        _sets.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }
}
