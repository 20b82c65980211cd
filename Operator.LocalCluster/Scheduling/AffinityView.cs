using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>
/// What (anti-)affinity between pods means for one incoming pod: the topology values (a node's name, zone, ...) that hold
/// matching pods, computed once over all nodes instead of once per node.
/// </summary>
internal sealed class AffinityView
{
    private readonly List<(V1PodAffinityTerm Term, HashSet<string> Values)> _near;
    private readonly List<(V1PodAffinityTerm Term, HashSet<string> Values)> _far;
    private readonly HashSet<(string Key, string Value)> _refused = [];
    private readonly Dictionary<(string Key, string Value), long> _scores = [];
    private readonly bool _first;

    private AffinityView(PodState pod, IReadOnlyCollection<NodeState> nodes, Func<string, IDictionary<string, string>?> namespaceLabels)
    {
        var own = pod.Pod.Spec.Affinity;
        _near = Required(own?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
        _far = Required(own?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution);
        var preferred = (own?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => (t.PodAffinityTerm, (long)t.Weight))
            .Concat((own?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => (t.PodAffinityTerm, -(long)t.Weight)))
            .ToList();
        var looks = _near.Count + _far.Count + preferred.Count > 0;
        foreach (var node in nodes)
        {
            foreach (var other in looks ? node.Pods : node.Repelling)
            {
                var theirs = other.Pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
                if (theirs is not null)
                {
                    foreach (var term in theirs.Where(t => Concerns(t, other, pod, namespaceLabels)))
                    {
                        if (node.Node.Label(term.TopologyKey) is { } value) _refused.Add((term.TopologyKey, value));
                    }
                }

                if (!looks) continue;

                // As with kube-scheduler, only a pod that all terms mean is near.
                var isNear = _near.TrueForAll(t => Concerns(t.Term, pod, other, namespaceLabels));
                foreach (var (term, values) in isNear ? _near : [])
                {
                    if (node.Node.Label(term.TopologyKey) is { } value) values.Add(value);
                }

                foreach (var (term, values) in _far)
                {
                    if (node.Node.Label(term.TopologyKey) is { } value && Concerns(term, pod, other, namespaceLabels)) values.Add(value);
                }

                foreach (var (term, weight) in preferred)
                {
                    if (node.Node.Label(term.TopologyKey) is not { } value || !Concerns(term, pod, other, namespaceLabels)) continue;
                    _scores[(term.TopologyKey, value)] = _scores.GetValueOrDefault((term.TopologyKey, value)) + weight;
                }
            }
        }

        // The first pod of a group that wants to be near its own kind finds nobody and may go anywhere.
        _first = _near.All(t => t.Values.Count == 0 && Concerns(t.Term, pod, pod, namespaceLabels));
    }

    /// <param name="pod">The incoming pod.</param>
    /// <param name="nodes">All nodes with their pods.</param>
    /// <param name="namespaceLabels">For terms that select namespaces.</param>
    public static AffinityView For(PodState pod, IReadOnlyCollection<NodeState> nodes, Func<string, IDictionary<string, string>?> namespaceLabels) =>
        new(pod, nodes, namespaceLabels);

    public Rejection? Check(PodState pod, NodeState node)
    {
        foreach (var (term, values) in _near)
        {
            if (node.Node.Label(term.TopologyKey) is not { } value || (!values.Contains(value) && !_first)) return new(["node(s) didn't match pod affinity rules"], true);
        }

        if (_far.Any(t => node.Node.Label(t.Term.TopologyKey) is { } value && t.Values.Contains(value))) return new(["node(s) didn't match pod anti-affinity rules"], false);
        return _refused.Any(r => node.Node.Label(r.Key) == r.Value)
            ? new(["node(s) didn't satisfy existing pods anti-affinity rules"], false) : null;
    }

    /// <summary>The sum of the weights of preferred terms that hold on the node.</summary>
    public long Score(NodeState node) => _scores.Where(s => node.Node.Label(s.Key.Key) == s.Key.Value).Sum(s => s.Value);

    private static List<(V1PodAffinityTerm Term, HashSet<string> Values)> Required(IList<V1PodAffinityTerm>? terms) => [.. (terms ?? []).Select(t => (t, new HashSet<string>()))];

    /// <summary>Whether the owner's term means the other pod.</summary>
    private static bool Concerns(V1PodAffinityTerm term, PodState owner, PodState other, Func<string, IDictionary<string, string>?> namespaceLabels)
    {
        var inNamespace = term.NamespaceSelector is null && (term.Namespaces is null || term.Namespaces.Count == 0)
            ? other.Namespace == owner.Namespace
            : term.Namespaces?.Contains(other.Namespace) == true
                || (term.NamespaceSelector is not null && term.NamespaceSelector.Matches(namespaceLabels(other.Namespace)));
        return inNamespace && term.LabelSelector.Matches(other.Pod.Metadata.Labels);
    }
}
