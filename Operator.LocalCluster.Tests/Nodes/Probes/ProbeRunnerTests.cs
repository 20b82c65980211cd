using k8s.Models;
using LlmKube.Operator.LocalCluster.Nodes.Probes;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.Nodes.Probes;

/// <summary>
/// Probes on a fake clock: what is checked when, and what follows from the results. What a timer of that clock continues runs where the
/// clock is advanced.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProbeRunnerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Told _told = new();
    private Func<V1Probe, string?> _answers = _ => null;

    [Test]
    public async Task Without_probes_a_container_is_ready_at_once()
    {
        await RunAsync(new V1Container(), TimeSpan.Zero);

        Assert.That(_told.Lines, Is.EqualTo(["started", "ready"]));
    }

    [Test]
    public async Task A_slow_start_survives_for_as_long_as_its_startup_probe_allows()
    {
        var loaded = _time.GetUtcNow().AddSeconds(95);
        _answers = _ => _time.GetUtcNow() >= loaded ? null : "503";
        await RunAsync(
            new V1Container { StartupProbe = Probe(10, failures: 180), LivenessProbe = Probe(15), ReadinessProbe = Probe(10) }, TimeSpan.FromSeconds(130));

        Assert.That(_told.Lines, Is.EqualTo(["Startup: 503 x10", "started", "ready"]), "the other probes wait for the first");
    }

    [Test]
    public async Task A_start_that_takes_too_long_fails()
    {
        _answers = _ => "503";
        await RunAsync(new V1Container { StartupProbe = Probe(10, failures: 3), LivenessProbe = Probe(1) }, TimeSpan.FromMinutes(2));

        Assert.That(_told.Lines, Is.EqualTo(["Startup: 503 x3", "failed Startup"]));
    }

    [Test]
    public async Task Readiness_comes_and_goes()
    {
        _answers = _ => _time.GetUtcNow().ToUnixTimeSeconds() % 60 is >= 20 and < 50 ? "busy" : null;
        _time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(6_000_000_000));
        await RunAsync(new V1Container { ReadinessProbe = Probe(10, failures: 2) }, TimeSpan.FromSeconds(55));

        Assert.That(_told.Lines, Is.EqualTo(["started", "ready", "Readiness: busy x2", "not ready", "Readiness: busy", "ready"]));
    }

    [Test]
    public async Task Liveness_fails_after_so_many_in_a_row_and_ends_the_probes()
    {
        var count = 0;
        _answers = p => p.PeriodSeconds == 15 && ++count is 1 or 2 or >= 4 ? "dead" : null;
        await RunAsync(new V1Container { LivenessProbe = Probe(15, failures: 3), ReadinessProbe = Probe(1000) }, TimeSpan.FromMinutes(5));

        Assert.That(_told.Lines, Is.EqualTo(["started", "Liveness: dead", "ready", "Liveness: dead x4", "failed Liveness"]));
        Assert.That(count, Is.EqualTo(6), "the success in between begins the count anew");
    }

    [Test]
    public async Task A_probe_waits_for_its_delay_and_not_for_ever_for_an_answer()
    {
        var asked = new List<double>();
        var begin = _time.GetUtcNow();
        var runner = new ProbeRunner(
            new V1Container { LivenessProbe = new() { InitialDelaySeconds = 30, PeriodSeconds = 10, TimeoutSeconds = 2, FailureThreshold = 1 } },
            async (_, cancellation) =>
            {
                asked.Add((_time.GetUtcNow() - begin).TotalSeconds);
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
                return null;
            },
            _time.GetTimestamp(),
            _time,
            _told);
        var running = runner.RunAsync(CancellationToken.None);
        while (!running.IsCompleted) _time.Advance(TimeSpan.FromSeconds(1));
        await running;

        Assert.That(asked, Is.EqualTo([30]));
        Assert.That(_told.Lines, Is.EqualTo(["started", "ready", "Liveness: no answer within 2s", "failed Liveness"]));
    }

    [Test]
    public async Task A_probe_keeps_its_period_however_long_a_check_takes()
    {
        var asked = new List<double>();
        var begin = _time.GetUtcNow();
        using var stop = new CancellationTokenSource();
        var running = new ProbeRunner(
            new V1Container { ReadinessProbe = new() { PeriodSeconds = 10, TimeoutSeconds = 5 } },
            async (_, _) =>
            {
                asked.Add((_time.GetUtcNow() - begin).TotalSeconds);
                await Task.Delay(TimeSpan.FromSeconds(4), _time, CancellationToken.None);
                return null;
            },
            _time.GetTimestamp(),
            _time,
            _told).RunAsync(stop.Token);
        for (var i = 0; i < 35; i++) _time.Advance(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        await running;

        Assert.That(asked, Is.EqualTo([0, 10, 20, 30]));
    }

    [Test]
    public async Task Readiness_may_take_more_than_one_success()
    {
        await RunAsync(new V1Container { ReadinessProbe = new() { PeriodSeconds = 10, SuccessThreshold = 3 } }, TimeSpan.FromSeconds(15));
        Assert.That(_told.Lines, Is.EqualTo(["started"]));
        _told.Clear();

        await RunAsync(new V1Container { ReadinessProbe = new() { PeriodSeconds = 10, SuccessThreshold = 3 } }, TimeSpan.FromSeconds(25));
        Assert.That(_told.Lines, Is.EqualTo(["started", "ready"]));
    }

    private static V1Probe Probe(int period, int failures = 3) => new() { PeriodSeconds = period, FailureThreshold = failures };

    private async Task RunAsync(V1Container container, TimeSpan length)
    {
        using var stop = new CancellationTokenSource();
        var running = new ProbeRunner(container, (probe, _) => Task.FromResult(_answers(probe)), _time.GetTimestamp(), _time, _told).RunAsync(stop.Token);
        for (var end = _time.GetUtcNow() + length; _time.GetUtcNow() < end && !running.IsCompleted;) _time.Advance(TimeSpan.FromSeconds(1));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>What was told, the same line again counted.</summary>
    private sealed class Told : IProbed
    {
        private readonly List<(string Text, int Times)> _lines = [];
        private bool? _ready;

        public IEnumerable<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines.Select(l => l.Times == 1 ? l.Text : $"{l.Text} x{l.Times}")];
            }
        }

        public void Clear() => _lines.Clear();

        public void Started() => Add("started");

        public void Ready(bool isReady)
        {
            if (_ready != isReady) Add(isReady ? "ready" : "not ready");
            _ready = isReady;
        }

        public void Unhealthy(string kind, string message) => Add($"{kind}: {message}");

        public void Failed(string kind, V1Probe probe) => Add($"failed {kind}");

        private void Add(string text)
        {
            lock (_lines)
            {
                if (_lines is [.., (var last, var times)] && last == text) _lines[^1] = (text, times + 1);
                else _lines.Add((text, 1));
            }
        }
    }
}
