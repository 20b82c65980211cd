using System.Text.Json.Nodes;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using k8s;
using k8s.Models;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.LeaderElection;

public class LeaderElectionTests
{
    private FakeTimeProvider _clock = null!;
    private FakeApi _api = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _api = await FakeApi.StartAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _api.DisposeAsync();

    [Test]
    public async Task Without_an_election_everyone_leads_and_no_lease_is_touched()
    {
        await using var test = await TestOperator.StartAsync(_api, clock: _clock);
        _api.Put("widgets", Widget.Json("a"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Assert.That(_api.Count(call => call.Target.Resource == "leases"), Is.Zero);
        Assert.That(await LeadershipAsync(test), Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task One_of_two_works_and_when_it_stops_the_other_takes_over_at_once()
    {
        _api.Put("widgets", Widget.Json("a"));
        var first = await ElectedAsync();
        await Eventually.IsTrueAsync(() => first.Script.Runs("a") == 1);
        await using var second = await ElectedAsync();
        await Eventually.IsTrueAsync(() => second.Informers.Of<Widget>() is [{ HasSynced: true }], "Informers run on all");
        await GoOnUntilAsync(() => _api.Count(call => call.Target.Resource == "leases" && call.Method == "GET") > 3);
        Assert.That(second.Script.Reconciled, Is.Empty);
        Assert.That(await LeadershipAsync(first), Is.EqualTo(HealthStatus.Healthy));
        Assert.That(await LeadershipAsync(second), Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(await ReadyAsync(second), Is.EqualTo(HealthStatus.Healthy), "Ready, though it does not lead.");

        await first.DisposeAsync();
        Assert.That((string?)Lease()["spec"]!["holderIdentity"], Is.Empty, "Given back.");
        _clock.Advance(TimeSpan.FromSeconds(2.5));
        await Eventually.IsTrueAsync(() => second.Script.Runs("a") == 1, "The hand-over, well before the lease of 15 seconds has run out");
        Assert.That(first.ExitCode, Is.Null);
        Assert.That((int?)Lease()["spec"]!["leaseTransitions"], Is.EqualTo(1), "An orderly hand-over is one too.");
    }

    [Test]
    public async Task A_standby_may_ask_for_reviews_and_write_nothing()
    {
        _api.Put("leases", HeldBy("somebody"));
        await using var test = await ElectedAsync();
        var client = test.Client.ApiClient;
        _api.Intercept = call => Task.FromResult<(int, string)?>(
            call.Target.Resource.EndsWith("reviews", StringComparison.Ordinal) ? (201, """{"metadata":{},"spec":{},"status":{}}""") : null);
        await client.AuthenticationV1.CreateTokenReviewAsync(new V1TokenReview { Spec = new() { Token = "t" } });
        await client.AuthorizationV1.CreateSubjectAccessReviewAsync(new V1SubjectAccessReview { Spec = new() { User = "u" } });
        Assert.That(_api.Count(call => call.IsWrite && call.Target.Resource.EndsWith("reviews", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(
            async () => await client.CoreV1.CreateNamespacedPodAsync(new V1Pod { Metadata = new() { Name = "reviews" } }, "default"),
            Throws.TypeOf<NotLeaderException>());
    }

    [Test]
    public async Task What_another_leader_has_had_time_to_deal_with_is_not_told_again()
    {
        _api.Put("leases", HeldBy("somebody"));
        _api.Put("widgets", Widget.Json("gone"));
        _api.Put("widgets", Widget.Json("stays"));
        await using var test = await TestOperator.StartAsync(
            _api,
            settings: s => s.WithLeaderElection(LeaderElectionType.Single).WithNamespace("default")
                .WithParallelReconciliation(p => p.WithMaxParallelReconciliations(1)),
            clock: _clock);
        await Eventually.IsTrueAsync(() => _api.Watches("widgets") == 1 && LeaseReads() >= 1);
        _api.Remove("widgets", "default", "gone");
        await Eventually.IsTrueAsync(() => test.Widgets.Keys().Count == 1);

        // It leads for three minutes more, then stops in good order.
        for (var renewal = 0; renewal < 36; renewal++)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            var lease = Lease();
            lease["spec"]!["leaseTransitions"] = renewal;
            _api.Put("leases", lease);
        }

        var free = Lease();
        free["spec"]!["holderIdentity"] = "";
        _api.Put("leases", free);
        await GoOnUntilAsync(() => test.Script.Runs("stays") == 1);
        _api.Put("widgets", Widget.Json("later"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("later") == 1, "What was queued before it is done");
        Assert.That(test.Script.Deleted, Is.Empty);
    }

    [Test]
    public async Task A_leader_that_died_is_succeeded_when_its_lease_has_run_out_and_not_before()
    {
        _api.Put("leases", HeldBy("somebody"));
        _api.Put("widgets", Widget.Json("a"));
        await using var test = await ElectedAsync();
        await Eventually.IsTrueAsync(() => LeaseReads() >= 1);
        for (var second = 0; second < 13; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await test.SyncedAsync();
        }

        Assert.That((string?)Lease()["spec"]!["holderIdentity"], Is.EqualTo("somebody"));
        await GoOnUntilAsync(() => test.Script.Runs("a") == 1);
        Assert.That((int?)Lease()["spec"]!["leaseTransitions"], Is.EqualTo(1));
    }

    [Test]
    public async Task Identities_are_unique_even_on_one_host()
    {
        await using (await ElectedAsync()) await Eventually.IsTrueAsync(() => _api.Find("leases", "default", "test-operator-leader") is not null);
        var first = _api.Calls.First(call => call.Method == "POST" && call.Target.Resource == "leases").Body!["spec"]!["holderIdentity"]!.ToString();
        await using var test = await ElectedAsync();
        await GoOnUntilAsync(() => (string?)Lease()["spec"]!["holderIdentity"] is { Length: > 0 });
        Assert.That((string?)Lease()["spec"]!["holderIdentity"], Is.Not.EqualTo(first).And.StartsWith(Environment.MachineName + "_"));
    }

    [Test]
    public async Task Times_in_the_lease_have_six_digits_as_the_api_demands()
    {
        await using var test = await ElectedAsync();
        await Eventually.IsTrueAsync(() => _api.Find("leases", "default", "test-operator-leader") is not null);
        Assert.That((string?)Lease()["spec"]!["renewTime"], Does.Match(@"^2026-01-01T00:00:\d\d\.\d{6}Z$"));
    }

    [Test]
    public async Task A_leader_that_can_not_renew_stops_its_work_refuses_to_write_and_exits_with_an_error()
    {
        var (isCancelled, isDown) = (false, false);
        _api.Put("widgets", Widget.Json("a"));
        _api.Intercept = call => Task.FromResult<(int, string)?>(
            Volatile.Read(ref isDown) && call.Target.Resource == "leases" ? (503, """{"kind":"Status","code":503,"message":"etcd is down"}""") : null);
        var test = await ElectedAsync(script => script.OnReconcile = async (widget, cancellationToken) =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                Volatile.Write(ref isCancelled, true);
            }

            return ReconciliationResult<Widget>.Success(widget);
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Volatile.Write(ref isDown, true);
        await GoOnUntilAsync(() => test.IsStopping && Volatile.Read(ref isCancelled));
        Assert.That(test.ExitCode, Is.EqualTo(1));
        Assert.That(
            async () => await test.Client.CreateAsync(new Widget { Metadata = new() { Name = "late", NamespaceProperty = "default" } }),
            Throws.TypeOf<NotLeaderException>());
        Assert.That(
            async () => await test.Client.ApiClient.CoreV1.DeleteNamespacedPodAsync("late", "default"),
            Throws.TypeOf<NotLeaderException>(),
            "Past IKubernetesClient as well.");
        Assert.That(_api.Count(call => call.IsWrite && call.Target.Resource != "leases"), Is.Zero);
        await test.DisposeAsync();
    }

    [Test]
    public async Task Errors_in_between_do_not_cost_the_lead()
    {
        var isDown = false;
        _api.Intercept = async call =>
        {
            await Task.Yield();
            return Volatile.Read(ref isDown) && call.Target.Resource == "leases" ? (500, "no") : null;
        };
        await using var test = await ElectedAsync();
        await Eventually.IsTrueAsync(() => test.Services.GetRequiredService<Leadership>().IsLeader);
        Volatile.Write(ref isDown, true);
        var (tries, renewals) = (LeaseReads(), Renewals());
        await GoOnUntilAsync(() => LeaseReads() >= tries + 2);
        Volatile.Write(ref isDown, false);
        await GoOnUntilAsync(() => Renewals() > renewals);
        Assert.That(test.Services.GetRequiredService<Leadership>().IsLeader);
        Assert.That(test.ExitCode, Is.Null);
    }

    [Test]
    public void The_right_to_write_ends_with_the_lease_by_the_monotonic_clock()
    {
        var leadership = new Leadership(isElected: true, _clock);
        Assert.That(leadership.EnsureLeader, Throws.TypeOf<NotLeaderException>());
        leadership.Renewed(_clock.GetTimestamp(), TimeSpan.FromSeconds(15));
        _clock.Advance(TimeSpan.FromSeconds(14.9));
        Assert.That(leadership.EnsureLeader, Throws.Nothing);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(leadership.EnsureLeader, Throws.TypeOf<NotLeaderException>());
    }

    [Test]
    public async Task What_is_deleted_while_nobody_leads_reaches_the_next_leader()
    {
        _api.Put("leases", HeldBy("somebody"));
        _api.Put("widgets", Widget.Json("a"));
        await using var test = await ElectedAsync();
        await test.SyncedAsync();
        await Eventually.IsTrueAsync(() => _api.Watches("widgets") == 1);
        _api.Remove("widgets", "default", "a");
        await Eventually.IsTrueAsync(() => test.Widgets.Keys().Count == 0);
        await GoOnUntilAsync(() => test.Script.Deleted.Count == 1);
    }

    private static JsonObject HeldBy(string identity) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = "test-operator-leader", ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = identity,
            ["leaseDurationSeconds"] = 15,
            ["renewTime"] = "2020-01-01T00:00:00.000000Z", // Of a clock that is years behind; nobody cares.
            ["leaseTransitions"] = 0,
        },
    };

    private static async Task<HealthStatus> LeadershipAsync(TestOperator test) => await HealthAsync(test, "leader");

    private static async Task<HealthStatus> ReadyAsync(TestOperator test) => await HealthAsync(test, "ready");

    private static async Task<HealthStatus> HealthAsync(TestOperator test, string tag) =>
        (await test.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag))).Status;

    private Task<TestOperator> ElectedAsync(Action<Script>? script = null) => TestOperator.StartAsync(
        _api, script, s => s.WithLeaderElection(LeaderElectionType.Single).WithNamespace("default"), clock: _clock);

    // The clock goes on only while no answer is on its way: the fake minutes of a slow machine are no longer than those of a fast one.
    private Task GoOnUntilAsync(Func<bool> condition) => Eventually.IsTrueAsync(() =>
    {
        if (_api.IsQuiet) _clock.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    private JsonObject Lease() => _api.Find("leases", "default", "test-operator-leader")!;

    private int LeaseReads() => _api.Count(call => call.Target.Resource == "leases" && call.Method == "GET");

    private int Renewals() => _api.Count(call => call.Target.Resource == "leases" && call.Method == "PUT");
}
