using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Volumes;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Nodes.Containers;
using LlmKube.Operator.LocalCluster.Nodes.Pods;

namespace LlmKube.Operator.LocalCluster.Nodes;

/// <summary>The kubelet of all nodes of a fleet: runs the pods bound to them and reports on them.</summary>
internal sealed class NodeAgent : Controller<ObjectKey>
{
    public const string HostAddress = "127.0.0.1";
    private readonly NodeFleet _fleet;
    private readonly IContainerRuntime _runtime;
    private readonly VolumeAttachments _attachments = new();
    private readonly WatchCache<V1Pod> _pods;
    private readonly WatchCache<V1PersistentVolumeClaim> _claims;
    private readonly CacheIndex<V1Pod> _podsByClaim;
    private readonly CacheIndex<V1Pod> _podsByNode;

    // By pod key; a key is worked on by one worker at a time, the lock is for the dictionary.
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, (V1Pod Pod, PodRun Run)> _runs = [];

    public NodeAgent(ClusterCaches caches, NodeFleet fleet, IContainerRuntime runtime)
        : base(caches, "Nodes")
    {
        _fleet = fleet;
        _runtime = runtime;
        _pods = caches.Of<V1Pod>();
        _claims = caches.Of<V1PersistentVolumeClaim>();
        _podsByClaim = _pods.AddIndex(ClaimController.Users);
        _podsByNode = _pods.AddIndex(p => p.Spec.NodeName is { Length: > 0 } node ? [node] : []);
        _pods.Changed += (before, now) =>
        {
            if (!string.IsNullOrEmpty((now ?? before!).Spec.NodeName)) Queue.Add(ObjectKey.Of(now ?? before!));
        };
        _claims.Changed += (before, now) => WakeUsers(ObjectKey.Of(now ?? before!));
    }

    /// <summary>Looks at all pods of a node again, after it came or went.</summary>
    public void Wake(string node)
    {
        foreach (var pod in _podsByNode[node]) Queue.Add(ObjectKey.Of(pod));
    }

    public void StopAll()
    {
        lock (_gate)
        {
            foreach (var (_, run) in _runs.Values) run.Dispose();
            _runs.Clear();
        }
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var pod = _pods.Find(key);
        var known = Find(key);
        if (known is { } old && (pod?.Metadata.Uid != old.Pod.Metadata.Uid || _fleet.Find(old.Pod.Spec.NodeName) is null))
        {
            Drop(key, old.Pod);
            known = null;
        }

        if (pod is null || string.IsNullOrEmpty(pod.Spec.NodeName) || _fleet.Find(pod.Spec.NodeName) is null) return;
        if (pod.IsTerminal())
        {
            await FinishAsync(key, pod, known?.Run, cancellation);
            return;
        }

        var run = known?.Run ?? Begin(key, pod);
        var again = run.Sync(pod, Now, HasVolumes(pod));
        if (run.IsGone)
        {
            // Those who hold a finalizer will see how it ended.
            if (pod.Metadata.Finalizers?.Count > 0) await ReportAsync(pod, run, cancellation);
            await RemoveAsync(key, pod, cancellation);
            return;
        }

        await ReportAsync(pod, run, cancellation);
        if (again is { } due) Queue.AddAfter(key, due - Now);
    }

    private async Task FinishAsync(ObjectKey key, V1Pod pod, PodRun? run, CancellationToken cancellation)
    {
        run?.Dispose();
        foreach (var claim in _attachments.Detach(pod.Metadata.Uid)) WakeUsers(claim);
        if (pod.Metadata.DeletionTimestamp is not null) await RemoveAsync(key, pod, cancellation);
    }

    private async Task RemoveAsync(ObjectKey key, V1Pod pod, CancellationToken cancellation)
    {
        if (pod.Metadata.DeletionGracePeriodSeconds != 0) await Api.DeleteAsync(_pods.Type, key, pod.Metadata.Uid, cancellation, graceSeconds: 0);
        Drop(key, pod);
    }

    private (V1Pod Pod, PodRun Run)? Find(ObjectKey key)
    {
        lock (_gate) return _runs.TryGetValue(key, out var known) ? known : null;
    }

    private PodRun Begin(ObjectKey key, V1Pod pod)
    {
        var run = new PodRun(pod, _runtime, Now, () => Queue.Add(key));
        lock (_gate) _runs[key] = (pod, run);
        return run;
    }

    private void Drop(ObjectKey key, V1Pod pod)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(key, out var known) && known.Pod.Metadata.Uid == pod.Metadata.Uid)
            {
                known.Run.Dispose();
                _runs.Remove(key);
            }
        }

        _runtime.Release(pod);
        foreach (var claim in _attachments.Detach(pod.Metadata.Uid)) WakeUsers(claim);
    }

    private bool HasVolumes(V1Pod pod)
    {
        var names = pod.Spec.Volumes?.Select(v => v.PersistentVolumeClaim?.ClaimName).OfType<string>().Distinct().ToList() ?? [];
        if (names.Count == 0) return true;
        var claims = names.Select(n => _claims.Find(pod.Metadata.NamespaceProperty, n)).ToList();
        return claims.All(c => c?.Status?.Phase == "Bound") && _attachments.TryAttach(pod, claims.OfType<V1PersistentVolumeClaim>());
    }

    private async Task ReportAsync(V1Pod pod, PodRun run, CancellationToken cancellation)
    {
        var status = run.Status(pod, Now);
        if (Objects.SameJson(status, pod.Status)) return;
        var copy = pod.Copy();
        copy.Status = status;
        _pods.Observe(await Api.ReplaceStatusAsync(copy, cancellation));
    }

    private void WakeUsers(ObjectKey claim)
    {
        foreach (var pod in _podsByClaim[claim.ToString()]) Queue.Add(ObjectKey.Of(pod));
    }
}
