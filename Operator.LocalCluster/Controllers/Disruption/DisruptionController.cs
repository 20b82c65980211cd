using System.Globalization;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Disruption;

/// <summary>Says how many pods of a PodDisruptionBudget may be evicted now.</summary>
internal sealed class DisruptionController : Controller<ObjectKey>
{
    private readonly WatchCache<V1PodDisruptionBudget> _budgets;
    private readonly WatchCache<V1ReplicaSet> _sets;
    private readonly WatchCache<V1Pod> _pods;
    private readonly CacheIndex<V1PodDisruptionBudget> _budgetsByNamespace;
    private readonly CacheIndex<V1Pod> _podsByNamespace;
    private readonly CacheIndex<V1ReplicaSet> _setsByUid;

    public DisruptionController(ClusterCaches caches)
        : base(caches, "Disruption")
    {
        _budgets = caches.Of<V1PodDisruptionBudget>();
        _sets = caches.Of<V1ReplicaSet>();
        _pods = caches.Of<V1Pod>();
        _budgetsByNamespace = _budgets.AddIndex(b => [b.Metadata.NamespaceProperty]);
        _podsByNamespace = caches.PodsByNamespace;
        _setsByUid = _sets.AddIndex(s => [s.Metadata.Uid]);
        _budgets.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _pods.Changed += (before, now) => Wake((now ?? before!).Metadata.NamespaceProperty, b => b.Spec.Selector.Matches((now ?? before!).Metadata.Labels));
        _sets.Changed += (before, now) =>
        {
            if (now?.Spec.Replicas != before?.Spec.Replicas) Wake((now ?? before!).Metadata.NamespaceProperty, _ => true);
        };
    }

    /// <param name="expected">How many pods their controllers want.</param>
    /// <param name="healthy">How many are ready.</param>
    /// <param name="minAvailable">The budget's floor, a number or a percentage.</param>
    /// <param name="maxUnavailable">Or its ceiling.</param>
    /// <returns>How many must stay healthy and how many may go.</returns>
    internal static (int Desired, int Allowed) Budget(int expected, int healthy, string? minAvailable, string? maxUnavailable)
    {
        var desired = maxUnavailable is not null ? Math.Max(0, expected - Resolve(maxUnavailable, expected))
            : minAvailable is not null ? Resolve(minAvailable, expected) : 0;
        return (desired, expected <= 0 ? 0 : Math.Max(0, healthy - desired));
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_budgets.Find(key) is not { } budget) return;
        var pods = _podsByNamespace[key.Namespace].Where(p => !p.IsTerminal() && budget.Spec.Selector.Matches(p.Metadata.Labels)).ToList();
        var healthy = pods.Count(p => p.IsReady() && !_pods.IsDeleting(p));
        var floor = budget.Spec.MinAvailable?.Value;
        var expected = floor is not null && !floor.EndsWith('%') ? pods.Count : Expected(pods);
        var (desired, allowed) = Budget(expected, healthy, floor, budget.Spec.MaxUnavailable?.Value);
        var sufficient = allowed > 0;
        var known = budget.Status?.Conditions?.FirstOrDefault(c => c.Type == "DisruptionAllowed");
        var status = new V1PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            DisruptionsAllowed = allowed,
            ExpectedPods = expected,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions =
            [
                new()
                {
                    Type = "DisruptionAllowed",
                    Status = sufficient ? "True" : "False",
                    Reason = sufficient ? "SufficientPods" : "InsufficientPods",
                    Message = "",
                    ObservedGeneration = budget.Metadata.Generation,
                    LastTransitionTime = known is not null && known.Status == "True" == sufficient ? known.LastTransitionTime : Now,
                },
            ],
        };
        if (Objects.SameJson(status, budget.Status)) return;
        var copy = budget.Copy();
        copy.Status = status;
        _budgets.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }

    private int Expected(List<V1Pod> pods)
    {
        var owners = pods.Select(p => p.Controller()).ToLookup(o => o is null);
        return owners[true].Count() + owners[false].DistinctBy(o => o!.Uid)
            .Sum(o => _setsByUid[o!.Uid] is [var set] ? set.Spec.Replicas ?? 1 : pods.Count(p => p.Controller()?.Uid == o.Uid));
    }

    private void Wake(string ns, Func<V1PodDisruptionBudget, bool> concerned)
    {
        foreach (var budget in _budgetsByNamespace[ns].Where(concerned)) Queue.Add(ObjectKey.Of(budget));
    }

    private static int Resolve(string value, int total) => value.EndsWith('%')
        ? (int)Math.Ceiling(total * int.Parse(value[..^1], CultureInfo.InvariantCulture) / 100.0)
        : int.Parse(value, CultureInfo.InvariantCulture);
}
