using k8s.Models;
using KubeOps.Abstractions.Builder;
using LlmKube.Operator.Engine.Health;
using LlmKube.Operator.Engine.Informers;
using LlmKube.Operator.Engine.LeaderElection;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.LeaderElection;

/// <summary>An election on a slow API server, and what counts as a sign of life.</summary>
public class LeaseElectorTests
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

    // Nine seconds for every write, with a lease of fifteen and a deadline of ten.
    [Test]
    public async Task A_slow_API_server_does_not_cost_the_lead()
    {
        _api.Intercept = async call =>
        {
            await Task.Yield();
            if (call is { IsWrite: true, Target.Resource: "leases" }) _clock.Advance(TimeSpan.FromSeconds(9));
            return null;
        };
        await using var test = await ElectedAsync();
        await GoOnUntilAsync(() => Renewals() >= 5 || test.IsStopping);
        Assert.That((test.IsStopping, test.ExitCode), Is.EqualTo((false, (int?)null)));
        _api.Intercept = null;
    }

    [Test]
    public async Task A_try_to_acquire_that_hangs_is_given_up_and_made_again()
    {
        var hangs = new TaskCompletionSource();
        _api.Intercept = async call =>
        {
            if (call is { Method: "POST", Target.Resource: "leases" }) await hangs.Task;
            return null;
        };
        await using var test = await ElectedAsync();
        await Eventually.IsTrueAsync(() => _api.Count(call => call is { Method: "POST", Target.Resource: "leases" }) == 1);
        _api.Intercept = null;
        await Eventually.IsTrueAsync(() => test.Services.GetRequiredService<Leadership>().IsLeader, _clock, TimeSpan.FromMilliseconds(100));
        hangs.SetResult();
    }

    [Test]
    public async Task A_lease_that_was_got_without_hearing_of_it_is_taken_up_at_the_next_try()
    {
        _api.Intercept = call =>
        {
            if (call is not { Method: "POST", Target.Resource: "leases" }) return Task.FromResult<(int, string)?>(null);
            _api.Put("leases", call.Body!.AsObject());
            return Task.FromResult<(int, string)?>((503, "the answer is lost"));
        };
        var begin = _clock.GetUtcNow();
        await using var test = await ElectedAsync();
        await GoOnUntilAsync(() => test.Services.GetRequiredService<Leadership>().IsLeader);

        Assert.That(_clock.GetUtcNow() - begin, Is.LessThan(TimeSpan.FromSeconds(5)), "not after the end of a lease");
        Assert.That((int?)_api.Find("leases", "default", Lease())!["spec"]!["leaseTransitions"], Is.EqualTo(0), "nor is it another's");

        string Lease() => _api.Calls.First(call => call is { Method: "POST", Target.Resource: "leases" }).Body!["metadata"]!["name"]!.GetValue<string>();
    }

    private static readonly Dictionary<string, (double? Left, double Roll, double Wait)> Waits = new()
    {
        ["nobody holds it"] = (null, 0, 2),
        ["nobody holds it, and chance would have it sooner"] = (null, 0.5, 1.8),
        ["it is another's for long"] = (13, 0, 2),
        ["it is another's for a moment"] = (0.3, 0, 0.3),
        ["it is another's until a moment after the next look"] = (1.9, 0.5, 1.8),
        ["it has run out, and could not be taken"] = (0, 0, 2),
        ["it has run out long ago, and could not be taken"] = (-20, 0, 2),
    };

    public static IEnumerable<string> WaitStories => Waits.Keys;

    // Whoever dies just after a renewal is replaced, at the worst, one period (until a candidate sees the renewal) and one lease later.
    [TestCaseSource(nameof(WaitStories))]
    public void A_candidate_looks_again_within_a_period_and_when_the_lease_ends(string story)
    {
        var (left, roll, wait) = Waits[story];
        Assert.That(LeaseElector.WaitOf(TimeSpan.FromSeconds(2), left is { } seconds ? TimeSpan.FromSeconds(seconds) : null, roll), Is.EqualTo(TimeSpan.FromSeconds(wait)));
    }

    private static readonly Dictionary<string, (bool IsSame, Action<V1Lease> Change)> Touches = new()
    {
        ["nothing"] = (true, lease => lease.Kind = null),
        ["somebody labels it"] = (true, lease => lease.Metadata = new() { ResourceVersion = "2", Labels = new Dictionary<string, string> { ["a"] = "b" } }),
        ["it is renewed"] = (false, lease => lease.Spec.RenewTime = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc)),
        ["it is given back"] = (false, lease => lease.Spec.HolderIdentity = ""),
        ["another has it"] = (false, lease => (lease.Spec.HolderIdentity, lease.Spec.LeaseTransitions) = ("another", 1)),
    };

    public static IEnumerable<string> TouchStories => Touches.Keys;

    [TestCaseSource(nameof(TouchStories))]
    public void Only_what_a_holder_writes_is_a_sign_of_life(string story)
    {
        Assert.That(LeaseElector.SameRecord(New(), Changed()), Is.EqualTo(Touches[story].IsSame));

        static V1Lease New() => new()
        {
            Metadata = new() { ResourceVersion = "1" },
            Spec = new()
            {
                HolderIdentity = "somebody",
                LeaseDurationSeconds = 15,
                RenewTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                LeaseTransitions = 0,
            },
        };

        V1Lease Changed()
        {
            var lease = New();
            Touches[story].Change(lease);
            return lease;
        }
    }

    [Test]
    public async Task A_candidate_whose_election_does_not_move_is_not_live()
    {
        var leadership = new Leadership(isElected: true, _clock);
        var settings = new OperatorSettingsBuilder().WithLeaderElection(LeaderElectionType.Single).Build();
        var check = new LoopsHealthCheck(new InformerRegistry(null!, new(), _clock, new(new Random(1)), NullLoggerFactory.Instance), new(), leadership, settings);
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.That((await check.CheckHealthAsync(new())).Status, Is.EqualTo(HealthStatus.Unhealthy));
        leadership.Tick();
        Assert.That((await check.CheckHealthAsync(new())).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    private Task<TestOperator> ElectedAsync() => TestOperator.StartAsync(
        _api, null, s => s.WithLeaderElection(LeaderElectionType.Single).WithNamespace("default"), clock: _clock);

    // The clock goes on only while no answer is on its way: the fake minutes of a slow machine are no longer than those of a fast one.
    private Task GoOnUntilAsync(Func<bool> condition) => Eventually.IsTrueAsync(() =>
    {
        if (_api.IsQuiet) _clock.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    private int Renewals() => _api.Count(call => call.Target.Resource == "leases" && call.Method == "PUT");
}
