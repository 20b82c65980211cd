using System.Globalization;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Deployments;

/// <summary>Moves a Deployment's pods to its current template by growing one ReplicaSet and shrinking the others.</summary>
internal sealed class DeploymentController : Controller<ObjectKey>
{
    private const string Revision = "deployment.kubernetes.io/revision";
    private const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    private const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    private readonly WatchCache<V1Deployment> _deployments;
    private readonly WatchCache<V1ReplicaSet> _sets;
    private readonly WatchCache<V1Pod> _pods;
    private readonly CacheIndex<V1Deployment> _byUid;
    private readonly CacheIndex<V1ReplicaSet> _setsByOwner;
    private readonly CacheIndex<V1ReplicaSet> _orphansByNamespace;
    private readonly CacheIndex<V1Pod> _podsByOwner;
    private readonly CacheIndex<V1ReplicaSet> _setsByUid;

    public DeploymentController(ClusterCaches caches)
        : base(caches, "Deployments")
    {
        _deployments = caches.Of<V1Deployment>();
        _sets = caches.Of<V1ReplicaSet>();
        _pods = caches.Of<V1Pod>();
        _byUid = _deployments.AddIndex(d => [d.Metadata.Uid]);
        _setsByOwner = _sets.AddIndex(Objects.ControllerUid);
        _orphansByNamespace = _sets.AddIndex(s => s.Controller() is null ? [s.Metadata.NamespaceProperty] : []);
        _setsByUid = _sets.AddIndex(s => [s.Metadata.Uid]);
        _podsByOwner = caches.PodsByController;
        _deployments.Changed += (_, now) =>
        {
            if (now is not null) Queue.Add(ObjectKey.Of(now));
        };
        _sets.Changed += (before, now) => Wake(now ?? before!);
        _pods.Changed += (before, now) =>
        {
            // Recreate waits for the last old pod to be gone.
            if (now is null && before!.Controller() is { Kind: "ReplicaSet" } owner)
            {
                foreach (var set in _setsByUid[owner.Uid]) Wake(set);
            }
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_deployments.Find(key) is not { } deployment) return;
        var sets = _setsByOwner[deployment.Metadata.Uid].OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        if (_deployments.IsDeleting(deployment))
        {
            await ReportAsync(deployment, sets, Current(deployment, sets), null, cancellation);
            return;
        }

        await AdoptAsync(deployment, sets, cancellation);
        var current = Current(deployment, sets);
        string? reason = null;
        if (await ScaleIfResizedAsync(deployment, current, sets, cancellation))
        {
        }
        else if (deployment.Spec.Paused != true)
        {
            (current, reason) = await EnsureCurrentAsync(deployment, current, sets, cancellation);
            if (current is not null) await RollAsync(deployment, current, sets, cancellation);
            await PruneAsync(deployment, current, sets, cancellation);
        }

        // Sizes may have changed: the cache has seen our own writes.
        sets = [.. sets.Select(s => _sets.Find(ObjectKey.Of(s)) ?? s)];
        await ReportAsync(deployment, sets, Current(deployment, sets), reason, cancellation);
    }

    private void Wake(V1ReplicaSet set)
    {
        if (set.Controller() is not { Kind: "Deployment" } owner) return;
        foreach (var deployment in _byUid[owner.Uid]) Queue.Add(ObjectKey.Of(deployment));
    }

    private static V1ReplicaSet? Current(V1Deployment deployment, List<V1ReplicaSet> sets) =>
        sets.FirstOrDefault(s => PodTemplateHash.Same(s.Spec.Template, deployment.Spec.Template));

    private async Task AdoptAsync(V1Deployment deployment, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        foreach (var orphan in _orphansByNamespace[deployment.Metadata.NamespaceProperty])
        {
            if (_sets.IsDeleting(orphan) || !deployment.Spec.Selector.Matches(orphan.Metadata.Labels)) continue;
            var copy = orphan.Copy();
            copy.Metadata.OwnerReferences = [.. copy.Metadata.OwnerReferences ?? [], deployment.AsController()];
            sets.Add(_sets.Observe(await Api.ReplaceAsync(copy, cancellation)));
        }
    }

    /// <summary>The set of the current template, made if there is none, with the highest revision.</summary>
    private async Task<(V1ReplicaSet? Set, string? Reason)> EnsureCurrentAsync(
        V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var last = sets.Where(s => s != current).Select(RevisionOf).DefaultIfEmpty(0).Max();
        string? reason = null;
        if (current is null)
        {
            var made = await CreateAsync(deployment, last + 1, sets, cancellation);
            sets.Add(made);
            current = made;
            reason = "NewReplicaSetCreated";
        }
        else if (RevisionOf(current) <= last || Stale(deployment, current))
        {
            var rolledBack = RevisionOf(current) <= last;
            var copy = current.Copy();
            copy.Metadata.Annotations ??= new Dictionary<string, string>();
            if (rolledBack) copy.Metadata.Annotations[Revision] = Text(last + 1);
            copy.Spec.MinReadySeconds = deployment.Spec.MinReadySeconds;
            sets[sets.IndexOf(current)] = current = _sets.Observe(await Api.ReplaceAsync(copy, cancellation));
            if (rolledBack) reason = "FoundNewReplicaSet";
        }

        if (deployment.Annotation(Revision) != Text(RevisionOf(current)))
        {
            var patch = new { metadata = new { annotations = new Dictionary<string, string> { [Revision] = Text(RevisionOf(current)) } } };
            _deployments.Observe(await Api.PatchAsync<V1Deployment>(_deployments.Type, ObjectKey.Of(deployment), patch, cancellation));
        }

        return (current, reason);
    }

    private static bool Stale(V1Deployment deployment, V1ReplicaSet current) => (current.Spec.MinReadySeconds ?? 0) != (deployment.Spec.MinReadySeconds ?? 0);

    private async Task<V1ReplicaSet> CreateAsync(V1Deployment deployment, long revision, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var template = deployment.Spec.Template.Copy();
        var hash = PodTemplateHash.Of(template);
        template.Metadata ??= new();
        template.Metadata.Labels ??= new Dictionary<string, string>();
        template.Metadata.Labels[PodTemplateHash.Label] = hash;
        var selector = deployment.Spec.Selector.Copy();
        selector.MatchLabels ??= new Dictionary<string, string>();
        selector.MatchLabels[PodTemplateHash.Label] = hash;
        var (surge, _) = Limits(deployment);
        var desired = deployment.Spec.Replicas ?? 1;
        var others = sets.Sum(s => s.Spec.Replicas ?? 1);
        var set = new V1ReplicaSet
        {
            Metadata = new()
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string>(template.Metadata.Labels),
                Annotations = new Dictionary<string, string>(Inherited(deployment))
                {
                    [Revision] = Text(revision),
                    [DesiredReplicas] = Text(desired),
                    [MaxReplicas] = Text(desired + surge),
                },
                OwnerReferences = [deployment.AsController()],
            },
            Spec = new()
            {
                Replicas = IsRecreate(deployment) ? (others == 0 ? desired : 0) : Math.Max(0, Math.Min(desired, desired + surge - others)),
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = selector,
                Template = template,
            },
        };
        return _sets.Observe(await Api.CreateAsync(set, cancellation));
    }

    private async Task RollAsync(V1Deployment deployment, V1ReplicaSet current, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        var old = sets.Where(s => s.Metadata.Uid != current.Metadata.Uid).ToList();
        IReadOnlyDictionary<string, int> sizes;
        if (IsRecreate(deployment))
        {
            var oldPods = old.Any(s => (s.Spec.Replicas ?? 1) > 0)
                || old.SelectMany(s => _podsByOwner[s.Metadata.Uid]).Any(p => p.Status?.Phase is not ("Failed" or "Succeeded"));
            sizes = oldPods
                ? old.Where(s => (s.Spec.Replicas ?? 1) > 0).ToDictionary(s => s.Metadata.Name, _ => 0)
                : new Dictionary<string, int> { [current.Metadata.Name] = desired };
        }
        else
        {
            var (surge, unavailable) = Limits(deployment);
            sizes = Rollout.Step(desired, surge, unavailable, Count(current), [.. old.Select(Count)]);
        }

        foreach (var (name, size) in sizes) await ResizeAsync(deployment, sets.First(s => s.Metadata.Name == name), size, cancellation);
    }

    /// <summary>Follows a changed <c>spec.replicas</c> without rolling: all active sets grow or shrink in proportion.</summary>
    /// <returns>Whether the Deployment had been resized.</returns>
    private async Task<bool> ScaleIfResizedAsync(V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        var active = sets.Where(s => (s.Spec.Replicas ?? 1) > 0).ToList();
        var resized = active.Any(s => Number(s.Annotation(DesiredReplicas)) is { } was && was != desired);
        if (!resized && deployment.Spec.Paused != true) return false;
        if (!resized && (active.Count != 1 || (active[0].Spec.Replicas ?? 1) == desired)) return false;

        IReadOnlyDictionary<string, int> sizes = new Dictionary<string, int>();
        if (active.Count == 1)
        {
            sizes = new Dictionary<string, int> { [active[0].Metadata.Name] = desired };
        }
        else if (current is not null && IsSaturated(desired, current))
        {
            sizes = active.Where(s => s != current).ToDictionary(s => s.Metadata.Name, _ => 0);
        }
        else if (!IsRecreate(deployment))
        {
            var allowed = desired == 0 ? 0 : desired + Limits(deployment).Surge;
            var before = active.Select(s => Number(s.Annotation(MaxReplicas))).OfType<int>().DefaultIfEmpty(active.Sum(s => s.Spec.Replicas ?? 1)).Max();
            sizes = Rollout.Proportional(allowed, before, [.. active.Select(Count)]);
        }

        foreach (var set in active) await ResizeAsync(deployment, set, sizes.GetValueOrDefault(set.Metadata.Name, set.Spec.Replicas ?? 1), cancellation);
        return true;
    }

    private static bool IsSaturated(int desired, V1ReplicaSet current) =>
        current.Spec.Replicas == desired && current.Status?.AvailableReplicas == desired && Number(current.Annotation(DesiredReplicas)) == desired;

    private async Task ResizeAsync(V1Deployment deployment, V1ReplicaSet set, int size, CancellationToken cancellation)
    {
        var desired = deployment.Spec.Replicas ?? 1;
        var (most, wanted) = (Text(desired + Limits(deployment).Surge), Text(desired));
        var latest = _sets.Find(ObjectKey.Of(set)) ?? set;
        if (latest.Spec.Replicas == size && latest.Annotation(DesiredReplicas) == wanted && latest.Annotation(MaxReplicas) == most) return;
        var copy = latest.Copy();
        copy.Spec.Replicas = size;
        copy.Metadata.Annotations ??= new Dictionary<string, string>();
        copy.Metadata.Annotations[DesiredReplicas] = wanted;
        copy.Metadata.Annotations[MaxReplicas] = most;
        _sets.Observe(await Api.ReplaceAsync(copy, cancellation));
    }

    private async Task PruneAsync(V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> sets, CancellationToken cancellation)
    {
        var idle = sets
            .Where(s => s.Metadata.Uid != current?.Metadata.Uid && s.Spec.Replicas == 0 && (s.Status?.Replicas ?? 0) == 0
                && s.Status?.ObservedGeneration >= s.Metadata.Generation && !_sets.IsDeleting(s))
            .OrderByDescending(RevisionOf)
            .Skip(deployment.Spec.RevisionHistoryLimit ?? 10)
            .ToList();
        foreach (var set in idle)
        {
            await Api.DeleteAsync(_sets.Type, ObjectKey.Of(set), set.Metadata.Uid, cancellation, "Background");
            _sets.ObserveDeletion(set);
        }
    }

    private async Task ReportAsync(V1Deployment deployment, List<V1ReplicaSet> sets, V1ReplicaSet? current, string? reason, CancellationToken cancellation)
    {
        var latest = _deployments.Find(ObjectKey.Of(deployment)) ?? deployment;
        if (latest.Metadata.Generation != deployment.Metadata.Generation) return; // Its own event brings it back.
        var unavailable = IsRecreate(deployment) ? 0 : Limits(deployment).Unavailable;
        var status = DeploymentStatusBuilder.Build(latest, current, sets, unavailable, reason, Now);
        if (!Objects.SameJson(status, latest.Status))
        {
            var copy = latest.Copy();
            copy.Status = status;
            _deployments.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
        }

        if (DeploymentStatusBuilder.Deadline(latest, status) is { } deadline)
        {
            // Never below a second: the API's times are whole seconds, so the deadline may strike early by a fraction.
            var wait = deadline - Now;
            Queue.AddAfter(ObjectKey.Of(deployment), wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));
        }
    }

    private static bool IsRecreate(V1Deployment deployment) => deployment.Spec.Strategy?.Type == "Recreate";

    private static (int Surge, int Unavailable) Limits(V1Deployment deployment) => IsRecreate(deployment)
        ? (0, 0)
        : Rollout.Limits(deployment.Spec.Strategy?.RollingUpdate?.MaxSurge, deployment.Spec.Strategy?.RollingUpdate?.MaxUnavailable, deployment.Spec.Replicas ?? 1);

    private static ReplicaCount Count(V1ReplicaSet set) => new(set.Metadata.Name, set.Spec.Replicas ?? 1, set.Status?.AvailableReplicas ?? 0);

    private static IEnumerable<KeyValuePair<string, string>> Inherited(V1Deployment deployment) =>
        deployment.Metadata.Annotations?.Where(a => a.Key is not (Revision or "kubectl.kubernetes.io/last-applied-configuration")) ?? [];

    private static long RevisionOf(V1ReplicaSet set) => Number(set.Annotation(Revision)) ?? 0;

    private static int? Number(string? text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
