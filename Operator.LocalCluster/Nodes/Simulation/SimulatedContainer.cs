using LlmKube.Operator.LocalCluster.Controllers.Watching;
using LlmKube.Operator.LocalCluster.Nodes.Containers;
using LlmKube.Operator.LocalCluster.Nodes.Pods;

namespace LlmKube.Operator.LocalCluster.Nodes.Simulation;

/// <summary>A container that only pretends: its state moves on by the clock as its rule says.</summary>
internal sealed class SimulatedContainer : IContainerRun
{
    private const int Killed = 137;

    // Guards everything below; Changed is called without it.
    private readonly Lock _gate = new();
    private readonly ContainerStart _start;
    private readonly PodRules _rules;
    private readonly TimeProvider _time;
    private readonly Action<IReadOnlyList<string>> _log;
    private readonly ITimer _timer;
    private PodRule _rule;
    private ContainerState _state = new ContainerState.Waiting("ContainerCreating");
    private Action? _next;
    private int _pulls;
    private bool _disposed;

    public SimulatedContainer(ContainerStart start, PodRules rules, TimeProvider time, Action<IReadOnlyList<string>> log)
    {
        _start = start;
        _rules = rules;
        _time = time;
        _log = log;
        _rule = rules.Take(start.Pod, start.Container);
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        rules.Changed += OnRulesChanged;
        lock (_gate) In(_rule.StartDelay, Pull);
    }

    public ContainerState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    public void Stop(TimeSpan grace)
    {
        lock (_gate)
        {
            if (_state is ContainerState.Exited) return;
            var (delay, code) = _rule.StopDelay <= grace ? (_rule.StopDelay, 0) : (grace, Killed);
            if (_state is not ContainerState.Running) (delay, code) = (TimeSpan.Zero, Killed);
            In(delay, () => Exit(code, code == 0 ? "Completed" : "Error", null));
        }

        _start.Changed();
    }

    public void Dispose()
    {
        _rules.Changed -= OnRulesChanged;
        lock (_gate) _disposed = true;
        _timer.Dispose();
    }

    /// <summary>A container of a Job or an init container has work that ends.</summary>
    private TimeSpan? RunTime => _rule.UntilRemoved ? null : _rule.RunTime
        ?? (_rule.ExitCode != 0 || (_start.IsInit && _start.Container.RestartPolicy != "Always") || _start.Pod.Controller() is { Kind: "Job" } ? TimeSpan.Zero : null);

    private DateTime Now
    {
        get
        {
            var now = _time.GetUtcNow().UtcDateTime;
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    private void Pull()
    {
        if (_rule.PullFailure is not { } message)
        {
            Run();
            return;
        }

        _pulls++;
        _state = new ContainerState.Waiting("ErrImagePull", message);
        var wait = RestartBackoff.After(_pulls + 1);
        In(TimeSpan.FromSeconds(1), () =>
        {
            _state = new ContainerState.Waiting("ImagePullBackOff", $"Back-off pulling image \"{_start.Container.Image}\": ErrImagePull: {message}");
            In(wait, Pull);
        });
    }

    private void Run()
    {
        var loads = _rule.LoadTime > TimeSpan.Zero;
        _state = new ContainerState.Running(Now, IsStarted: !loads, IsReady: !loads && RunTime != TimeSpan.Zero);
        if (_rule.LogLines.Count > 0) _log(_rule.LogLines);
        if (_rule.UntilRemoved && !_rules.IsInForce(_rule)) End();
        else if (RunTime is { } end && end <= _rule.LoadTime) In(end, End);
        else if (loads) In(_rule.LoadTime, Load);
        else if (RunTime is { } later) In(later, End);
    }

    private void Load()
    {
        if (_state is not ContainerState.Running running) return;
        _state = running with { IsStarted = true, IsReady = true };
        if (RunTime is { } end) In(end - _rule.LoadTime, End);
    }

    private void End() => Exit(_rule.ExitCode, _rule.ExitReason ?? (_rule.ExitCode == 0 ? "Completed" : "Error"), _rule.TerminationMessage);

    private void Exit(int code, string reason, string? message)
    {
        var since = _state is ContainerState.Running running ? running.Since : Now;
        _state = new ContainerState.Exited(since, Now, code, reason, message, code == Killed && reason != "OOMKilled" ? 9 : null);
    }

    /// <summary>Plans the next step; one that is due is taken at once.</summary>
    private void In(TimeSpan delay, Action step)
    {
        if (_disposed) return;
        _next = null;
        if (delay <= TimeSpan.Zero)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            step();
            return;
        }

        _next = step;
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_disposed || _next is not { } step) return;
            _next = null;
            step();
        }

        _start.Changed();
    }

    /// <summary>When its rule is gone, a failing pull heals, and what runs until then ends.</summary>
    private void OnRulesChanged()
    {
        lock (_gate)
        {
            if (_disposed || _rules.IsInForce(_rule)) return;
            if (_state is ContainerState.Waiting && _rule.PullFailure is not null)
            {
                _rule = _rules.Take(_start.Pod, _start.Container);
                In(TimeSpan.Zero, Pull);
            }
            else if (_state is ContainerState.Running && _rule.UntilRemoved)
            {
                In(TimeSpan.Zero, End);
            }
            else
            {
                return;
            }
        }

        _start.Changed();
    }
}
