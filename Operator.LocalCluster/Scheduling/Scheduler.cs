using System.Net;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Pods;
using LlmKube.Operator.LocalCluster.Controllers.Volumes;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Scheduling;

/// <summary>Gives pods a node, the most important first, and says why one has none.</summary>
internal sealed partial class Scheduler : IDisposable
{
    public const string Name = "default-scheduler";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ClusterCaches _caches;
    private readonly ClusterView _view;
    private readonly PodQueue _queue = new();
    private readonly Dictionary<string, (PodState Pod, string Node)> _awaitingVolumes = [];
    private readonly WatchCache<V1Pod> _pods;
    private readonly WatchCache<V1PersistentVolumeClaim> _claims;
    private readonly WatchCache<V1PriorityClass> _priorities;
    private readonly WorkQueue<string> _wakeups;
    private readonly ILogger _logger;

    public Scheduler(ClusterCaches caches)
    {
        _caches = caches;
        _logger = caches.Loggers.CreateLogger("LlmKube.Operator.LocalCluster.Scheduler");
        _wakeups = new(caches.Time);
        _view = new(caches);
        _pods = caches.Of<V1Pod>();
        _claims = caches.Of<V1PersistentVolumeClaim>();
        _priorities = caches.Of<V1PriorityClass>();
        _pods.Changed += OnPod;
        caches.Of<V1Node>().Changed += OnNode;
        _claims.Changed += (_, _) => Wake(p => p.Claims.Count > 0);
        caches.Of<V1PersistentVolume>().Changed += (_, _) => Wake(p => p.Claims.Count > 0);
        caches.Of<V1StorageClass>().Changed += (_, _) => Wake(p => p.Claims.Count > 0);
        caches.Of<V1Namespace>().Changed += (before, now) =>
        {
            if (before is not null && now is not null && !Objects.SameJson(before.Metadata.Labels, now.Metadata.Labels)) Wake(p => p.MindsNeighbours);
        };
    }

    public void Dispose() => _wakeups.Dispose();

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var key = await _wakeups.TakeAsync(cancellation);
                _wakeups.Done(key);
                await BindReadyAsync(cancellation);
                while (Next() is { } pod) await ScheduleAsync(pod, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private PodState? Next()
    {
        lock (_caches.Gate) return _queue.Take();
    }

    private void OnPod(V1Pod? before, V1Pod? now)
    {
        var pod = now ?? before!;
        var uid = pod.Metadata.Uid;
        if (now is null || now.IsTerminal())
        {
            _queue.Remove(uid);
            _awaitingVolumes.Remove(uid);
            if (_view.Remove(uid)) Wake(_ => true);
        }
        else if (!string.IsNullOrEmpty(now.Spec.NodeName))
        {
            _queue.Remove(uid);
            _awaitingVolumes.Remove(uid);
            _view.Place(StateOf(now), now.Spec.NodeName);
            // It may be the neighbour that another waits for, or have ceased to be the one that another shuns.
            if (before is null || string.IsNullOrEmpty(before.Spec.NodeName) || !Objects.SameJson(before.Metadata.Labels, now.Metadata.Labels)) Wake(p => p.MindsNeighbours);
        }
        else if (now.Metadata.DeletionTimestamp is not null || (now.Spec.SchedulerName ?? Name) != Name || now.Spec.SchedulingGates?.Count > 0)
        {
            _queue.Remove(uid);
        }
        else if (!_awaitingVolumes.ContainsKey(uid))
        {
            // Our own writes to its status are no reason to try again.
            var changed = before is null || !Objects.SameJson(before.Spec, now.Spec) || !Objects.SameJson(before.Metadata.Labels, now.Metadata.Labels);
            _queue.Put(StateOf(now), changed);
            if (changed) _wakeups.Add("");
        }
    }

    private void OnNode(V1Node? before, V1Node? now)
    {
        if (now is null)
        {
            _view.RemoveNode(before!.Metadata.Name);
            Wake(_ => true); // The messages count nodes.
            return;
        }

        _view.PutNode(now);
        if (before is null || !Objects.SameJson(before.Status?.Allocatable, now.Status?.Allocatable)
            || !Objects.SameJson(before.Metadata.Labels, now.Metadata.Labels) || !Objects.SameJson(before.Spec, now.Spec)) Wake(_ => true);
    }

    private void Wake(Func<PodState, bool> which)
    {
        lock (_caches.Gate)
        {
            if (_queue.Activate(which) || _awaitingVolumes.Count > 0) _wakeups.Add("");
        }
    }

    /// <summary>A pod's priority is set at creation by admission; where none did it, its class decides.</summary>
    private PodState StateOf(V1Pod pod) =>
        new(pod, pod.Spec.Priority is null && pod.Spec.PriorityClassName is { Length: > 0 } name ? _priorities.Find(null, name)?.Value : null);

    private async Task ScheduleAsync(PodState pod, CancellationToken cancellation)
    {
        Attempt attempt;
        lock (_caches.Gate)
        {
            if (_queue.Find(pod.Uid) != pod) return;
            attempt = Attempt.Make(pod, _view, MayPreempt(pod));
            if (attempt.Node is { } chosen)
            {
                _view.Place(pod, chosen.Name);
                _queue.Remove(pod.Uid);
            }
            else if (attempt.Nominated is { } nominated)
            {
                _view.Nominate(pod, nominated.Name);
            }
        }

        try
        {
            if (attempt.Node is { } node) await AssignAsync(pod, node.Name, cancellation);
            else await RefuseAsync(pod, attempt, cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
#pragma warning disable CA1031 // A pod that can't be bound now is tried again; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_logger, ObjectKey.Of(pod.Pod), e);
            GiveBack(pod);
        }
    }

    private bool MayPreempt(PodState pod)
    {
        var policy = pod.Pod.Spec.PreemptionPolicy
            ?? (pod.Pod.Spec.PriorityClassName is { Length: > 0 } name ? _priorities.Find(null, name)?.PreemptionPolicy : null);
        return policy != "Never";
    }

    private async Task AssignAsync(PodState pod, string node, CancellationToken cancellation)
    {
        IReadOnlyList<V1PersistentVolumeClaim> unbound;
        lock (_caches.Gate)
        {
            unbound = _view.UnboundClaims(pod);
            if (unbound.Count > 0) _awaitingVolumes[pod.Uid] = (pod, node);
        }

        if (unbound.Count == 0)
        {
            await BindAsync(pod, node, cancellation);
            return;
        }

        foreach (var claim in unbound.Where(c => c.Annotation(VolumeMatching.SelectedNode) != node))
        {
            var patch = new { metadata = new { annotations = new Dictionary<string, string> { [VolumeMatching.SelectedNode] = node } } };
            _claims.Observe(await _caches.Api.PatchAsync<V1PersistentVolumeClaim>(_claims.Type, ObjectKey.Of(claim), patch, cancellation));
        }
    }

    private async Task BindReadyAsync(CancellationToken cancellation)
    {
        List<(PodState Pod, string Node)> ready;
        lock (_caches.Gate)
        {
            ready = [.. _awaitingVolumes.Values.Where(w => _view.UnboundClaims(w.Pod).Count == 0)];
            foreach (var (pod, _) in ready) _awaitingVolumes.Remove(pod.Uid);
        }

        foreach (var (pod, node) in ready)
        {
            try
            {
                await BindAsync(pod, node, cancellation);
            }
            catch (HttpOperationException e) when (!cancellation.IsCancellationRequested)
            {
                LogFailed(_logger, ObjectKey.Of(pod.Pod), e);
                GiveBack(pod);
            }
        }
    }

    private async Task BindAsync(PodState pod, string node, CancellationToken cancellation)
    {
        var binding = new V1Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new() { Name = pod.Pod.Metadata.Name, NamespaceProperty = pod.Namespace, Uid = pod.Uid },
            Target = new() { ApiVersion = "v1", Kind = "Node", Name = node },
        };
        // The answer is a Status, of which nothing is needed.
        using var answer = await _caches.Api.Client.CoreV1.CreateNamespacedPodBindingWithHttpMessagesAsync(
            binding, pod.Pod.Metadata.Name, pod.Namespace, cancellationToken: cancellation);
        LogBound(_logger, ObjectKey.Of(pod.Pod), node);
    }

    private async Task RefuseAsync(PodState pod, Attempt attempt, CancellationToken cancellation)
    {
        foreach (var victim in attempt.Victims)
        {
            LogPreempts(_logger, ObjectKey.Of(pod.Pod), ObjectKey.Of(victim.Pod));
            await _caches.Api.DeleteAsync(_pods.Type, ObjectKey.Of(victim.Pod), victim.Uid, cancellation);
        }

        if (_pods.Find(ObjectKey.Of(pod.Pod)) is not { } latest || latest.Metadata.Uid != pod.Uid) return;
        var known = latest.Condition("PodScheduled");
        var nominated = attempt.Nominated?.Name ?? latest.Status?.NominatedNodeName;
        if (known is { Status: "False", Reason: "Unschedulable" } && known.Message == attempt.Message && nominated == latest.Status?.NominatedNodeName) return;
        var condition = new V1PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = attempt.Message,
            LastTransitionTime = known?.Status == "False" ? known.LastTransitionTime : _caches.Now,
        };
        var patch = new
        {
            metadata = new { uid = pod.Uid },
            status = new
            {
                conditions = (latest.Status?.Conditions ?? []).Where(c => c.Type != "PodScheduled").Append(condition).ToList(),
                nominatedNodeName = nominated,
            },
        };
        try
        {
            _pods.Observe(await _caches.Api.PatchStatusAsync<V1Pod>(_pods.Type, ObjectKey.Of(latest), patch, cancellation));
        }
        catch (HttpOperationException e) when (e.Is(HttpStatusCode.NotFound) || e.Is(HttpStatusCode.Conflict))
        {
            // Gone, or replaced under the same name: its own event tells.
        }
    }

    private void GiveBack(PodState pod)
    {
        lock (_caches.Gate)
        {
            _view.Remove(pod.Uid);
            _awaitingVolumes.Remove(pod.Uid);
            if (_pods.Find(ObjectKey.Of(pod.Pod)) is not { } latest || latest.Metadata.Uid != pod.Uid || !string.IsNullOrEmpty(latest.Spec.NodeName)) return;
            _queue.Put(StateOf(latest), activate: true);
        }

        _wakeups.AddAfter("retry", RetryDelay);
    }

    [LoggerMessage(2301, LogLevel.Debug, "{Pod} bound to {Node}")]
    private static partial void LogBound(ILogger logger, ObjectKey pod, string node);

    [LoggerMessage(2302, LogLevel.Information, "{Pod} preempts {Victim}")]
    private static partial void LogPreempts(ILogger logger, ObjectKey pod, ObjectKey victim);

    [LoggerMessage(2303, LogLevel.Warning, "{Pod} could not be scheduled; trying again")]
    private static partial void LogFailed(ILogger logger, ObjectKey pod, Exception cause);
}
