using System.Text;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Containers;
using LlmKube.Operator.LocalCluster.Nodes.Probes;

namespace LlmKube.Operator.LocalCluster.Nodes.Processes;

/// <summary>A container whose place a process takes: made ready, started, probed, asked to end, killed if it doesn't.</summary>
internal sealed class ProcessContainer : IContainerRun, IProbed
{
    // As much as the kubelet keeps of what a probe's command says.
    private const int LargestOutput = 10_240;

    // What a shell says of a process that SIGKILL ended; a container that never ran ends so, too.
    private const int Killed = 137;
    private const int CannotStart = 128;

    private readonly ContainerStart _start;
    private readonly NodeServices _node;
    private readonly ContainerSetup _setup;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly ITimer _grace;

    // Guards what follows; Changed is called without it.
    private readonly Lock _gate = new();
    private ContainerState _state = new ContainerState.Waiting("ContainerCreating");
    private DateTimeOffset? _killAt;

    private ProcessContainer(ContainerStart start, PodSandbox sandbox, NodeServices node)
    {
        (_start, _node) = (start, node);
        _setup = new(start, sandbox, node);
        _grace = node.Time.CreateTimer(_ => _kill.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends when there is no process any more.</summary>
    public Task Life { get; private set; } = Task.CompletedTask;

    public ContainerState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    private V1Container Container => _start.Container;

    /// <summary>Begins its life.</summary>
    public static ProcessContainer Start(ContainerStart start, PodSandbox sandbox, NodeServices node)
    {
        var container = new ProcessContainer(start, sandbox, node);
        container.Life = Task.Run(container.RunAsync);
        return container;
    }

    public void Stop(TimeSpan grace)
    {
        if (grace > TimeSpan.Zero && State is ContainerState.Running && !_stop.IsCancellationRequested) _node.Events.Normal(_start.Pod, Container, "Killing", $"Stopping container {Container.Name}");
        End(grace);
    }

    private void End(TimeSpan grace)
    {
        KillIn(grace);
        _stop.Cancel();
    }

    public void Dispose()
    {
        End(TimeSpan.Zero);
        _kill.Cancel(); // Also if its grace is just over: the timer won't say so any more.
        _grace.Dispose();
    }

    void IProbed.Started() => Change(s => s with { IsStarted = true });

    void IProbed.Ready(bool isReady) => Change(s => s with { IsReady = isReady });

    void IProbed.Unhealthy(string kind, string message) => _node.Events.Warning(_start.Pod, Container, "Unhealthy", $"{kind} probe failed: {message}");

    void IProbed.Failed(string kind, V1Probe probe)
    {
        _node.Events.Normal(_start.Pod, Container, "Killing", $"Container {Container.Name} failed {kind.ToLowerInvariant()} probe, will be restarted");
        End(TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds ?? _start.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
    }

    private async Task RunAsync()
    {
        ContainerState.Exited exit;
        try
        {
            var launch = await _setup.PrepareAsync(Wait, _stop.Token);
            exit = await ProcessAsync(launch);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            exit = Exit(_node.Now, Killed, null);
        }
        catch (FileNotFoundException e)
        {
            _node.Events.Warning(_start.Pod, Container, "Failed", $"Error: {e.Message}");
            exit = Exit(_node.Now, CannotStart, e.Message) with { Reason = "StartError" };
        }
#pragma warning disable CA1031 // The edge of a container: whatever keeps it from running (a full disk, no more processes) is its end, and is told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            exit = Exit(_node.Now, CannotStart, e.Message) with { Reason = "ContainerCannotRun" };
        }

        Set(exit);
    }

    private async Task<ContainerState.Exited> ProcessAsync(ContainerLaunch launch)
    {
        var handlers = new ContainerHandlers(Container, _setup.Address, _node.Http, (command, cancellation) => ExecuteAsync(launch.With(command), cancellation));
        using var process = RunningProcess.Start(launch, _setup.Mark, _setup.Line);
        var (since, started) = (_node.Now, _node.Time.GetTimestamp());
        Set(new ContainerState.Running(since, IsStarted: false, IsReady: false));
        _node.Events.Normal(_start.Pod, Container, "Started", $"Started container {Container.Name}");
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var probes = TendAsync(handlers, started, probing.Token);
        try
        {
            await Task.WhenAny(process.Exited, Task.Delay(Timeout.InfiniteTimeSpan, _node.Time, _stop.Token));
            if (!process.Exited.IsCompleted) await EndAsync(process, handlers);
        }
        finally
        {
            if (!process.Exited.IsCompleted) process.Kill();
        }

        var code = await process.Exited;
        var exit = Exit(since, code, _setup.Termination.Read(code));
        await probing.CancelAsync();
        await probes;
        return exit;
    }

    private async Task TendAsync(ContainerHandlers handlers, long started, CancellationToken cancellation)
    {
        try
        {
            if (Container.Lifecycle?.PostStart is { } hook && await handlers.RunAsync(hook, _node.Time, cancellation) is { } wrong)
            {
                _node.Events.Warning(_start.Pod, Container, "FailedPostStartHook", $"PostStartHook failed: {wrong}");
                End(TimeSpan.FromSeconds(_start.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
                return;
            }

            await new ProbeRunner(Container, handlers.CheckAsync, started, _node.Time, this).RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The container is ending.
        }
    }

    /// <summary>The hook, then SIGTERM, then SIGKILL when the grace is over, which the hook's time counts towards.</summary>
    private async Task EndAsync(RunningProcess process, ContainerHandlers handlers)
    {
        try
        {
            if (Container.Lifecycle?.PreStop is { } hook && !_kill.IsCancellationRequested && await handlers.RunAsync(hook, _node.Time, _kill.Token) is { } wrong)
            {
                _node.Events.Warning(_start.Pod, Container, "FailedPreStopHook", $"PreStopHook failed: {wrong}");
            }

            process.Terminate();
            await process.Exited.WaitAsync(_kill.Token);
        }
        catch (OperationCanceledException) when (_kill.IsCancellationRequested)
        {
            process.Kill();
        }
    }

    /// <summary>A command beside the process, for a probe or a hook.</summary>
    private async Task<(int Code, string Output)> ExecuteAsync(ContainerLaunch launch, CancellationToken cancellation)
    {
        var output = new StringBuilder();
        using var process = RunningProcess.Start(launch, $"{_setup.Mark}/{Guid.NewGuid():n}", line =>
        {
            lock (output)
            {
                if (output.Length < LargestOutput) output.AppendLine(line);
            }
        });
        await using var killed = cancellation.Register(process.Kill);
        var code = await process.Exited;
        cancellation.ThrowIfCancellationRequested();
        lock (output) return (code, output.ToString().TrimEnd());
    }

    /// <summary>A shorter grace replaces a longer one.</summary>
    private void KillIn(TimeSpan grace)
    {
        lock (_gate)
        {
            var at = _node.Time.GetUtcNow() + grace;
            if (_killAt <= at) return;
            _killAt = at;
            if (grace > TimeSpan.Zero) _grace.Change(grace, Timeout.InfiniteTimeSpan);
        }

        if (grace <= TimeSpan.Zero) _kill.Cancel();
    }

    private ContainerState.Exited Exit(DateTime since, int code, string? message) => new(since, _node.Now, code, code == 0 ? "Completed" : "Error", message);

    private void Wait(string reason, string message) => Set(new ContainerState.Waiting(reason, message));

    private void Change(Func<ContainerState.Running, ContainerState.Running> change)
    {
        if (State is ContainerState.Running running) Set(change(running));
    }

    private void Set(ContainerState state)
    {
        lock (_gate)
        {
            if (_state == state || _state is ContainerState.Exited) return;
            _state = state;
        }

        _start.Changed();
    }
}
