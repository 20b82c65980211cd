using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Containers;

/// <summary>Runs the containers of pods: the simulated one plays rules, the other one starts processes.</summary>
internal interface IContainerRuntime
{
    /// <summary>What nodes call it: <c>simulated</c> or <c>processes</c>.</summary>
    string Kind { get; }

    /// <summary>A pod's address, the same for as long as it lives.</summary>
    string AddressOf(V1Pod pod);

    /// <summary>Starts a container; what becomes of it is seen in the run.</summary>
    IContainerRun Start(ContainerStart start);

    /// <summary>A container that ended too often waits for its next start.</summary>
    void BackingOff(V1Pod pod, V1Container container);

    /// <summary>The pod is gone: its address and folders are free.</summary>
    void Release(V1Pod pod);
}

/// <summary>One container to start.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Container">What to run.</param>
/// <param name="IsInit">Whether it must end before the others start.</param>
/// <param name="Attempt">0 the first time.</param>
/// <param name="Changed">To be called, on any thread, whenever <see cref="IContainerRun.State"/> has changed.</param>
internal sealed record ContainerStart(V1Pod Pod, V1Container Container, bool IsInit, int Attempt, Action Changed);

/// <summary>One life of a container: from the pull of its image to its exit.</summary>
internal interface IContainerRun : IDisposable
{
    ContainerState State { get; }

    /// <summary>Asks it to end and kills it after the grace; the exit is seen in <see cref="State"/>.</summary>
    void Stop(TimeSpan grace);
}

/// <summary>Where a container stands.</summary>
internal abstract record ContainerState
{
    private ContainerState()
    {
    }

    /// <summary>Not started: <c>ContainerCreating</c>, <c>ErrImagePull</c>, <c>ImagePullBackOff</c>, ...</summary>
    public sealed record Waiting(string Reason, string? Message = null) : ContainerState;

    /// <param name="Since">When it started.</param>
    /// <param name="IsStarted">Its startup probe has passed.</param>
    /// <param name="IsReady">Its readiness probe passes.</param>
    public sealed record Running(DateTime Since, bool IsStarted, bool IsReady) : ContainerState;

    public sealed record Exited(DateTime Since, DateTime At, int Code, string Reason, string? Message, int? Signal = null) : ContainerState;
}
