using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Pods;

/// <summary>
/// One pod on a node: init containers one after the other, then all others together, restarts by policy, the end by
/// grace. <see cref="Sync"/> is level-based and called by one caller at a time.
/// </summary>
internal sealed class PodRun : IDisposable
{
    private readonly IContainerRuntime _runtime;
    private readonly Action _changed;
    private readonly List<ContainerSlot> _slots;
    private readonly DateTime _startTime;
    private bool _stopping;
    private bool _sidecarsStop;
    private DateTime? _killAt;

    public PodRun(V1Pod pod, IContainerRuntime runtime, DateTime now, Action changed)
    {
        _runtime = runtime;
        _changed = changed;
        _startTime = pod.Status?.StartTime ?? now;
        Address = runtime.AddressOf(pod);
        _slots =
        [
            .. (pod.Spec.InitContainers ?? []).Select(c => new ContainerSlot(c, isInit: true)),
            .. pod.Spec.Containers.Select(c => new ContainerSlot(c, isInit: false)),
        ];
    }

    public string Address { get; }

    public IReadOnlyList<ContainerSlot> Slots => _slots;

    /// <summary>All containers have ended after the pod's deletion.</summary>
    public bool IsGone => _stopping && _slots.All(s => s.IsOver);

    /// <param name="pod">The pod as the API has it.</param>
    /// <param name="now">The time.</param>
    /// <param name="mayStart">Its volumes are there.</param>
    /// <returns>When to look again, if time alone will change something.</returns>
    public DateTime? Sync(V1Pod pod, DateTime now, bool mayStart)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            StopAll(pod, now);
            return IsGone ? null : _killAt;
        }

        if (mayStart && Start(pod, now)) StopIfFinished(pod);
        return _slots.Select(s => s.RestartAt).Where(t => t > now).Min();
    }

    public V1PodStatus Status(V1Pod pod, DateTime now) => PodStatusBuilder.Build(pod, this, _startTime, now);

    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }

    /// <returns>Whether the init containers are done.</returns>
    private bool Start(V1Pod pod, DateTime now)
    {
        foreach (var slot in _slots.Where(s => s.IsInit))
        {
            Advance(slot, pod, now);
            if (slot.IsSidecar ? slot.State is not ContainerState.Running { IsStarted: true } : slot.State is not ContainerState.Exited { Code: 0 }) return false;
        }

        foreach (var slot in _slots.Where(s => !s.IsInit)) Advance(slot, pod, now);
        return true;
    }

    private void Advance(ContainerSlot slot, V1Pod pod, DateTime now)
    {
        if (!slot.HasRun) slot.Start(_runtime, pod, _changed);

        // A container may exit as soon as it starts; the growing delay ends this.
        while (slot.State is ContainerState.Exited exit && Restarts(slot, pod, exit))
        {
            if (slot.PlanRestart(exit) && slot.RestartAt > now) _runtime.BackingOff(pod, slot.Container);
            if (slot.RestartAt > now) return;
            slot.Start(_runtime, pod, _changed);
        }
    }

    public static bool Restarts(ContainerSlot slot, V1Pod pod, ContainerState.Exited exit)
    {
        if (slot.IsSidecar) return true;
        if (pod.Spec.RestartPolicy == "Never" || (slot.IsInit && exit.Code == 0)) return false;
        return exit.Code != 0 || pod.Spec.RestartPolicy is not "OnFailure";
    }

    /// <summary>Sidecars don't keep a pod alive whose own containers are through.</summary>
    private void StopIfFinished(V1Pod pod)
    {
        if (!_slots.Where(s => !s.IsInit).All(s => s.State is ContainerState.Exited e && !Restarts(s, pod, e))) return;
        foreach (var sidecar in _slots.Where(s => s is { IsSidecar: true, IsOver: false })) sidecar.Stop(GraceOf(pod));
    }

    private void StopAll(V1Pod pod, DateTime now)
    {
        var grace = TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? GraceOf(pod).TotalSeconds);

        // It may be deleted again, with less patience.
        var isShorter = !_stopping || now + grace < _killAt;
        if (isShorter) (_stopping, _killAt) = (true, now + grace);
        var left = _killAt!.Value > now ? _killAt.Value - now : TimeSpan.Zero;

        // Sidecars serve the others to their end.
        var othersAreOver = _slots.All(s => s.IsSidecar || s.IsOver);
        foreach (var slot in _slots.Where(s => s.IsSidecar ? othersAreOver && (isShorter || _sidecarsStop is false) : isShorter)) slot.Stop(left);
        _sidecarsStop |= othersAreOver;
    }

    private static TimeSpan GraceOf(V1Pod pod) => TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30);
}
