using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Nodes.Probes;

/// <summary>What probes tell of a container.</summary>
internal interface IProbed
{
    /// <summary>The startup probe has passed, or there is none.</summary>
    void Started();

    /// <summary>What the readiness probe says now.</summary>
    void Ready(bool isReady);

    /// <summary>A check failed; it may yet pass the next time.</summary>
    /// <param name="kind"><c>Startup</c>, <c>Readiness</c> or <c>Liveness</c>.</param>
    /// <param name="message">What went wrong.</param>
    void Unhealthy(string kind, string message);

    /// <summary>A startup or liveness probe has failed for good: the container must be restarted.</summary>
    /// <inheritdoc cref="Unhealthy" path="/param[@name='kind']"/>
    /// <param name="probe">The probe.</param>
    void Failed(string kind, V1Probe probe);
}

/// <summary>Runs the probes of one container as the kubelet does: the startup probe alone first, then the other two.</summary>
/// <param name="container">Whose probes.</param>
/// <param name="check">One check: what went wrong, or null.</param>
/// <param name="since">When the container was started, as a time stamp of the clock.</param>
/// <param name="time">The clock of periods and time limits.</param>
/// <param name="probed">Told of the verdicts.</param>
internal sealed class ProbeRunner(V1Container container, Func<V1Probe, CancellationToken, Task<string?>> check, long since, TimeProvider time, IProbed probed)
{
    /// <summary>Runs until cancelled, or until a probe has failed for good.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (container.StartupProbe is { } startup)
        {
            var passed = false;
            await WatchAsync(startup, "Startup", pass => !(passed = pass) && Fail("Startup", startup), cancellation);
            if (!passed) return;
        }

        probed.Started();
        if (container.ReadinessProbe is null) probed.Ready(true);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(LivenessAsync(over), ReadinessAsync(over.Token));
    }

    private async Task LivenessAsync(CancellationTokenSource over)
    {
        if (container.LivenessProbe is not { } liveness) return;
        await WatchAsync(liveness, "Liveness", pass => pass || Fail("Liveness", liveness), over.Token);
        await over.CancelAsync();
    }

    private async Task ReadinessAsync(CancellationToken cancellation)
    {
        if (container.ReadinessProbe is not { } readiness) return;
        await WatchAsync(readiness, "Readiness", pass =>
        {
            probed.Ready(pass);
            return true;
        }, cancellation);
    }

    private bool Fail(string kind, V1Probe probe)
    {
        probed.Failed(kind, probe);
        return false;
    }

    /// <param name="probe">What to check.</param>
    /// <param name="kind">Its name.</param>
    /// <param name="verdict">Takes the verdict and says whether to go on.</param>
    /// <param name="cancellation">Ends it.</param>
    private async Task WatchAsync(V1Probe probe, string kind, Func<bool, bool> verdict, CancellationToken cancellation)
    {
        var counter = new ProbeCounter(probe.SuccessThreshold ?? 1, probe.FailureThreshold ?? 3);
        var (due, period) = (TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10));
        try
        {
            while (true)
            {
                var now = time.GetElapsedTime(since);
                if (due > now) await Task.Delay(due - now, time, cancellation);
                else due = now;
                var wrong = await OnceAsync(probe, cancellation);
                if (wrong is not null) probed.Unhealthy(kind, wrong);
                if (counter.Count(wrong is null) is { } changed && !verdict(changed)) return;

                // However long the check took.
                due += period;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The container is ending.
        }
    }

    private async Task<string?> OnceAsync(V1Probe probe, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await check(probe, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"no answer within {probe.TimeoutSeconds ?? 1}s";
        }
    }
}
