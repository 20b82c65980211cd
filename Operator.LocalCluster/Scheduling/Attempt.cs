namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>One try to place a pod: pure, over the view.</summary>
internal sealed record Attempt
{
    /// <summary>Where the pod goes.</summary>
    public NodeState? Node { get; init; }

    /// <summary>Where it will go once the victims are gone.</summary>
    public NodeState? Nominated { get; init; }

    public IReadOnlyList<PodState> Victims { get; init; } = [];

    /// <summary>Why it goes nowhere.</summary>
    public string Message { get; init; } = "";

    public static Attempt Make(PodState pod, ClusterView view, bool mayPreempt)
    {
        var (needs, problem) = view.NeedsOf(pod);
        if (problem is not null) return new() { Message = FitMessage.Of(view.Nodes.Count, problem, mayPreempt) };

        var affinity = AffinityView.For(pod, view.Nodes, view.LabelsOfNamespace);
        var feasible = new List<NodeState>();
        var rejected = new List<(NodeState Node, Rejection Rejection)>();
        foreach (var node in view.Nodes)
        {
            var seen = view.SeenBy(pod, node);
            if (Filters.Check(pod, seen, needs, affinity) is { } rejection) rejected.Add((seen, rejection));
            else feasible.Add(node);
        }

        if (Scores.Best(pod, feasible, affinity) is { } best) return new() { Node = best };
        List<Rejection> rejections = [.. rejected.Select(r => r.Rejection)];
        if (!mayPreempt) return new() { Message = FitMessage.Of(rejections, mayPreempt) };

        var helpable = rejected.Where(r => !r.Rejection.Unresolvable).Select(r => r.Node);
        var choice = Preemption.Choose(pod, helpable, node => Filters.Check(pod, node, needs, AffinityAfter(pod, view, node)) is null);
        if (choice is not var (target, victims)) return new() { Message = FitMessage.Of(rejections, mayPreempt) };

        // Victims that are already on their way out need no second deletion, only patience.
        List<PodState> staying = [.. victims.Where(v => v.Pod.Metadata.DeletionTimestamp is null)];
        return new() { Message = FitMessage.OfPreempting(rejections, staying.Count < victims.Count), Nominated = target, Victims = staying };
    }

    private static AffinityView AffinityAfter(PodState pod, ClusterView view, NodeState changed) =>
        AffinityView.For(pod, [.. view.Nodes.Select(n => n.Name == changed.Name ? changed : n)], view.LabelsOfNamespace);
}
