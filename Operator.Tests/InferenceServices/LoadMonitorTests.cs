using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Which servers' logs are read, when, and how often.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LoadMonitorTests
{
    private static readonly LoadReport.Offload All = new("CUDA0 (a GPU)", 29, 29);

    private readonly FakeTimeProvider _time = new(A.Now);
    private readonly LoadMonitor _monitor;

    public LoadMonitorTests() => _monitor = new LoadMonitor(_time);

    [Test]
    public void A_serving_pod_with_GPUs_is_read_once()
    {
        Assert.That(Observe([A.Pod("a")]), Is.Empty, "it does not serve yet");
        Assert.That(_monitor.Due(), Is.Empty);

        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.Null);
        var due = _monitor.Due().Single();
        Assert.That((due.Service, due.Pod), Is.EqualTo(("chat", "a")));
        Assert.That(_monitor.Take(due, All), Is.True);

        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.EqualTo(All));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(_monitor.Due(), Is.Empty);
        Assert.That(_monitor.Take(due, All), Is.False, "nothing new");
    }

    [TestCase(false, null)]
    [TestCase(true, Accelerators.Metal)]
    public void A_service_without_GPUs_is_not_looked_at(bool hasGpu, string? accelerator)
    {
        var model = hasGpu ? A.GpuModel(accelerator: accelerator) : A.Model();

        Assert.That(Observe([A.Pod("a", ready: true)], model: model), Is.Empty);
        Assert.That(_monitor.Due(), Is.Empty);
    }

    [Test]
    public void What_the_status_tells_of_a_pod_that_still_serves_is_believed_and_of_others_is_not()
    {
        var service = Told("a", "b");

        var loads = Observe([A.Pod("a", ready: true), A.Pod("c", ready: true)], service);

        Assert.That((loads["a"], loads["c"]), Is.EqualTo(((LoadReport?)All, (LoadReport?)null)));
        Assert.That(_monitor.Due().Select(d => d.Pod), Is.EqualTo(["c"]));
    }

    [Test]
    public void A_server_that_was_started_again_speaks_for_itself()
    {
        var service = Told("a");
        Assert.That(Observe([A.Pod("a", ready: true)], service)["a"], Is.EqualTo(All));
        var restarted = A.Pod("a", ready: true);
        restarted.Status.ContainerStatuses[0].RestartCount = 1;

        Assert.That(Observe([restarted], service)["a"], Is.Null);
        Assert.That(_monitor.Due().Single().Run.Restarts, Is.EqualTo(1));
    }

    [Test]
    public void A_server_that_is_not_ready_for_a_while_is_not_asked_again()
    {
        Observe([A.Pod("a", ready: true)]);
        _monitor.Take(_monitor.Due().Single(), All);

        Assert.That(Observe([A.Pod("a")]), Is.Empty, "what does not serve does not count");
        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.EqualTo(All));
    }

    [Test]
    public void A_log_that_does_not_tell_is_looked_at_again_before_that_is_said_and_then_no_more()
    {
        Observe([A.Pod("a", ready: true)]);
        List<bool> news = [];
        for (var i = 0; i < 3; i++)
        {
            news.Add(_monitor.Take(_monitor.Due().Single(), new LoadReport.Rotated()));
            Assert.That(_monitor.Due(), Is.Empty, "not at once");
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.That(news, Is.EqualTo([false, false, true]));
        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.EqualTo(new LoadReport.Rotated()));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(_monitor.Due(), Is.Empty);
    }

    [Test]
    public void A_log_that_can_not_be_read_is_tried_again_later_and_later_and_its_first_cause_stays()
    {
        Observe([A.Pod("a", ready: true)]);
        List<(bool IsNew, double Minutes)> tries = [];
        for (var i = 0; i < 12; i++)
        {
            var begin = _time.GetUtcNow();
            var isNew = _monitor.Take(_monitor.Due().Single(), new LoadReport.Unreadable($"port {i}"));
            while (_monitor.Due().Count == 0) _time.Advance(TimeSpan.FromSeconds(1));
            tries.Add((isNew, (_time.GetUtcNow() - begin).TotalMinutes));
        }

        Assert.That(tries.Select(t => t.IsNew), Is.EqualTo([true, .. Enumerable.Repeat(false, 11)]));
        Assert.That(tries.Select(t => t.Minutes), Is.Ordered.And.All.AtMost(5));
        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.EqualTo(new LoadReport.Unreadable("port 0")));
        Assert.That(_monitor.Take(_monitor.Due().Single(), All), Is.True);
        Assert.That(Observe([A.Pod("a", ready: true)])["a"], Is.EqualTo(All));
    }

    [Test]
    public void A_fresh_server_is_read_before_those_that_do_not_answer()
    {
        Observe([A.Pod("a", ready: true)]);
        _monitor.Take(_monitor.Due().Single(), new LoadReport.Unreadable("no answer"));
        _time.Advance(TimeSpan.FromMinutes(10));
        Observe([A.Pod("a", ready: true), A.Pod("b", ready: true)]);

        Assert.That(_monitor.Due().Select(d => d.Pod), Is.EqualTo(["b", "a"]));
    }

    [Test]
    public void A_pod_or_a_service_that_goes_is_read_no_more()
    {
        Observe([A.Pod("a", ready: true), A.Pod("b", ready: true)]);
        var both = _monitor.Due();
        Observe([A.Pod("b", ready: true)]);
        Assert.That(_monitor.Due().Select(d => d.Pod), Is.EqualTo(["b"]));
        Assert.That(_monitor.Take(both.Single(d => d.Pod == "a"), All), Is.False);

        _monitor.Forget("uid-of-chat");
        Assert.That(_monitor.Due(), Is.Empty);
    }

    private IReadOnlyDictionary<string, LoadReport?> Observe(IReadOnlyList<V1Pod> pods, InferenceService? service = null, Model? model = null) =>
        _monitor.Observe(A.Seen(service, model ?? A.GpuModel(), pods: pods)).Loads;

    private static InferenceService Told(params string[] pods)
    {
        var service = A.Service();
        service.Status = new InferenceServiceStatus { Acceleration = new AccelerationStatus { Device = All.Device, LayersOffloaded = 29, LayersTotal = 29, Pods = pods } };
        return service;
    }
}
