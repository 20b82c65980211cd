using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Containers;

namespace LlmKube.Operator.LocalCluster.Nodes.Pods;

/// <summary>A container of a pod through all its restarts.</summary>
internal sealed class ContainerSlot(V1Container container, bool isInit) : IDisposable
{
    private IContainerRun? _run;
    private int _crashes;

    public V1Container Container { get; } = container;

    public bool IsInit { get; } = isInit;

    /// <summary>An init container that stays beside the others.</summary>
    public bool IsSidecar => IsInit && Container.RestartPolicy == "Always";

    public int Restarts { get; private set; }

    public ContainerState State => _run?.State ?? new ContainerState.Waiting("PodInitializing");

    public ContainerState.Exited? LastExit { get; private set; }

    /// <summary>When the next start is due, while it waits for one.</summary>
    public DateTime? RestartAt { get; private set; }

    public TimeSpan Delay { get; private set; }

    public bool HasRun => _run is not null;

    public bool IsOver => _run is null || _run.State is ContainerState.Exited;

    public void Start(IContainerRuntime runtime, V1Pod pod, Action changed)
    {
        _run?.Dispose();
        if (_run is not null) Restarts++;
        RestartAt = null;
        _run = runtime.Start(new(pod, Container, IsInit, Restarts, changed));
    }

    /// <summary>Plans the next start after an exit that asks for one.</summary>
    /// <returns>False if it was planned already.</returns>
    public bool PlanRestart(ContainerState.Exited exit)
    {
        if (RestartAt is not null) return false;
        _crashes = exit.At - exit.Since >= RestartBackoff.Forgiven ? 1 : _crashes + 1;
        LastExit = exit;
        Delay = RestartBackoff.After(_crashes);
        RestartAt = exit.At + Delay;
        return true;
    }

    public void Stop(TimeSpan grace) => _run?.Stop(grace);

    public void Dispose() => _run?.Dispose();
}
