using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Garbage;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Namespaces;

/// <summary>Empties a deleted namespace of everything that discovery names, then lets it go.</summary>
internal sealed class NamespaceController : Controller<ObjectKey>
{
    private const string Finalizer = "kubernetes";
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(5);
    private readonly WatchCache<V1Namespace> _namespaces;
    private readonly ObjectGraph _graph;

    public NamespaceController(ClusterCaches caches, ObjectGraph graph)
        : base(caches, "Namespaces")
    {
        _namespaces = caches.Of<V1Namespace>();
        _graph = graph;
        _namespaces.Changed += (_, now) =>
        {
            if (now?.Metadata.DeletionTimestamp is not null) Queue.Add(ObjectKey.Of(now));
        };
        graph.Changed += (before, now) =>
        {
            var ns = (now ?? before!).Key.Namespace;
            if (ns.Length == 0 || (now is null && graph.Count(ns) > 0) || (now is not null && before is not null)) return;
            if (_namespaces.Find(null, ns) is { Metadata.DeletionTimestamp: not null }) Queue.Add(new("", ns));
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_namespaces.Find(key) is not { Metadata.DeletionTimestamp: not null } ns) return;
        var left = new List<GraphNode>();
        foreach (var type in _graph.Types.Where(t => t.Namespaced))
        {
            var (items, _) = await Api.ListAsync<MetadataOnly>(type, key.Name, cancellation);
            foreach (var item in items)
            {
                var node = new GraphNode(type, item);
                if (!node.IsDeleting) await Api.DeleteAsync(type, node.Key, node.Uid, cancellation, "Background");
                left.Add(node);
            }
        }

        if (left.Count == 0)
        {
            await FinalizeAsync(ns, cancellation);
            return;
        }

        // What went at once needs no event of the graph to be seen again (events are not watched).
        left = [.. left.Where(n => n.Type.Plural != "events")];
        await ReportAsync(ns, left, cancellation);
        if (left.Count == 0) Queue.Add(key);
        else Queue.AddAfter(key, SecondLook);
    }

    private async Task FinalizeAsync(V1Namespace ns, CancellationToken cancellation)
    {
        if (ns.Spec?.Finalizers?.Contains(Finalizer) != true) return;
        var copy = ns.Copy();
        copy.ApiVersion = "v1";
        copy.Kind = "Namespace";
        copy.Spec.Finalizers = [.. copy.Spec.Finalizers.Where(f => f != Finalizer)];
        await Api.Client.CoreV1.ReplaceNamespaceFinalizeAsync(copy, ns.Metadata.Name, cancellationToken: cancellation);
    }

    private async Task ReportAsync(V1Namespace ns, List<GraphNode> left, CancellationToken cancellation)
    {
        var remaining = left.GroupBy(n => n.Type.GroupResource).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} has {g.Count()} resource instances").ToList();
        var finalizers = left.SelectMany(n => n.Item.Metadata.Finalizers ?? []).GroupBy(f => f).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} in {g.Count()} resource instances").ToList();
        var conditions = new List<V1NamespaceCondition>
        {
            Condition("NamespaceContentRemaining", remaining.Count > 0,
                "SomeResourcesRemain", "Some resources are remaining: " + string.Join(", ", remaining), "ContentRemoved", "All content successfully removed"),
            Condition("NamespaceFinalizersRemaining", finalizers.Count > 0,
                "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: " + string.Join(", ", finalizers), "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        };
        var before = ns.Status?.Conditions ?? [];
        foreach (var condition in conditions)
        {
            condition.LastTransitionTime = before.FirstOrDefault(c => c.Type == condition.Type && c.Status == condition.Status)?.LastTransitionTime ?? Now;
        }

        if (Objects.SameJson(before.Where(c => conditions.Any(n => n.Type == c.Type)).OrderBy(c => c.Type), conditions)) return;
        var patch = new { status = new { conditions = before.Where(c => conditions.All(n => n.Type != c.Type)).Concat(conditions).ToList() } };
        _namespaces.Observe(await Api.PatchStatusAsync<V1Namespace>(_namespaces.Type, ObjectKey.Of(ns), patch, cancellation));
    }

    private static V1NamespaceCondition Condition(string type, bool holds, string reason, string message, string otherReason, string otherMessage) => new()
    {
        Type = type,
        Status = holds ? "True" : "False",
        Reason = holds ? reason : otherReason,
        Message = holds ? message : otherMessage,
    };
}
