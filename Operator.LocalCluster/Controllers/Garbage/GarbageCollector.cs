using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Garbage;

/// <summary>
/// Deletes what has lost all its owners. An owner deleted in the foreground goes after those dependents that block it;
/// one deleted with Orphan leaves them behind, ownerless.
/// </summary>
internal sealed class GarbageCollector : Controller<string>
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private readonly ObjectGraph _graph;

    public GarbageCollector(ClusterCaches caches, ObjectGraph graph)
        : base(caches, "Garbage")
    {
        _graph = graph;
        graph.Changed += OnChanged;
    }

    protected override async Task ReconcileAsync(string uid, CancellationToken cancellation)
    {
        if (_graph.Find(uid) is not { } node) return;
        if (node.IsDeleting && node.Has(Orphan))
        {
            await OrphanDependentsAsync(node, cancellation);
            return;
        }

        if (node.IsDeleting && node.Has(Foreground))
        {
            var blocking = _graph.DependentsOf(uid).Where(d => d.Owners.Any(o => o.Uid == uid && o.BlockOwnerDeletion == true)).ToList();
            if (blocking.Count == 0) await RemoveFinalizerAsync(node, Foreground, cancellation);
            else foreach (var dependent in blocking.Where(d => !d.IsDeleting)) Queue.Add(dependent.Uid);
            return;
        }

        if (!node.IsDeleting && node.Owners.Count > 0) await JudgeAsync(node, cancellation);
    }

    private void OnChanged(GraphNode? before, GraphNode? now)
    {
        if (now is null)
        {
            foreach (var dependent in _graph.DependentsOf(before!.Uid)) Queue.Add(dependent.Uid);
            foreach (var owner in before.Owners)
            {
                if (_graph.Find(owner.Uid) is { IsDeleting: true }) Queue.Add(owner.Uid);
            }

            return;
        }

        if (now.IsDeleting)
        {
            if (!now.Has(Foreground) && !now.Has(Orphan)) return;
            Queue.Add(now.Uid);
            foreach (var dependent in _graph.DependentsOf(now.Uid)) Queue.Add(dependent.Uid);
            return;
        }

        if (now.Owners.Any(o => _graph.Find(o.Uid) is not { IsDeleting: false })) Queue.Add(now.Uid);
    }

    private async Task JudgeAsync(GraphNode node, CancellationToken cancellation)
    {
        var (solid, dangling, waiting) = (0, new HashSet<string>(), new HashSet<string>());
        foreach (var owner in node.Owners)
        {
            var found = await FindOwnerAsync(node, owner, cancellation);
            if (found is null) dangling.Add(owner.Uid);
            else if (found.Metadata.DeletionTimestamp is not null && found.Metadata.Finalizers?.Contains(Foreground) == true) waiting.Add(owner.Uid);
            else solid++;
        }

        if (solid > 0)
        {
            if (dangling.Count + waiting.Count > 0) await DropOwnersAsync(node, o => dangling.Contains(o) || waiting.Contains(o), cancellation);
            return;
        }

        var hasDependents = waiting.Count > 0 && _graph.DependentsOf(node.Uid).Count > 0;
        var policy = node.Has(Orphan) ? "Orphan" : hasDependents || node.Has(Foreground) ? "Foreground" : "Background";
        await Api.DeleteAsync(node.Type, node.Key, node.Uid, cancellation, policy);
    }

    /// <summary>Absence from the graph proves nothing, the object may be too new: the server is asked.</summary>
    private async Task<MetadataOnly?> FindOwnerAsync(GraphNode node, k8s.Models.V1OwnerReference owner, CancellationToken cancellation)
    {
        if (_graph.Find(owner.Uid) is { } known)
        {
            return known.Key.Namespace.Length == 0 || known.Key.Namespace == node.Key.Namespace ? known.Item : null;
        }

        if (_graph.IsGone(owner.Uid)) return null;
        if (_graph.TypeOf(owner) is not { } type) throw new InvalidOperationException($"{node.Type.Kind} {node.Key} has an owner of an unknown type, {owner.ApiVersion} {owner.Kind}.");
        if (type.Namespaced && node.Key.Namespace.Length == 0) return null;
        var found = await Api.FindAsync<MetadataOnly>(type, new(type.Namespaced ? node.Key.Namespace : "", owner.Name), cancellation);
        return found?.Metadata.Uid == owner.Uid ? found : null;
    }

    private async Task OrphanDependentsAsync(GraphNode owner, CancellationToken cancellation)
    {
        foreach (var dependent in _graph.DependentsOf(owner.Uid)) await DropOwnersAsync(dependent, uid => uid == owner.Uid, cancellation);
        await RemoveFinalizerAsync(owner, Orphan, cancellation);
    }

    private async Task DropOwnersAsync(GraphNode node, Func<string, bool> drop, CancellationToken cancellation)
    {
        if (await LiveAsync(node, cancellation) is not { } live) return;
        var kept = (live.Metadata.OwnerReferences ?? []).Where(o => !drop(o.Uid)).ToList();
        if (kept.Count == (live.Metadata.OwnerReferences?.Count ?? 0)) return;
        var patch = new { metadata = new { uid = node.Uid, resourceVersion = live.Metadata.ResourceVersion, ownerReferences = kept } };
        await Api.PatchAsync<MetadataOnly>(node.Type, node.Key, patch, cancellation);
    }

    private async Task RemoveFinalizerAsync(GraphNode node, string finalizer, CancellationToken cancellation)
    {
        if (await LiveAsync(node, cancellation) is not { } live || live.Metadata.Finalizers?.Contains(finalizer) != true) return;
        var patch = new
        {
            metadata = new
            {
                uid = node.Uid,
                resourceVersion = live.Metadata.ResourceVersion,
                finalizers = live.Metadata.Finalizers.Where(f => f != finalizer).ToArray(),
            },
        };
        await Api.PatchAsync<MetadataOnly>(node.Type, node.Key, patch, cancellation);
    }

    private async Task<MetadataOnly?> LiveAsync(GraphNode node, CancellationToken cancellation) =>
        await Api.FindAsync<MetadataOnly>(node.Type, node.Key, cancellation) is { } live && live.Metadata.Uid == node.Uid ? live : null;
}
