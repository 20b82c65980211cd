using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>The API server, or the way to it, is gone for a while.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionFaultTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(15);

    [Test]
    public async Task An_API_server_that_is_killed_amid_200_creations_and_comes_back_slowly_is_found_within_10_seconds_and_not_overrun()
    {
        var fleet = new Fleet(100, 1);
        var faultFree = await FaultFree.StateAsync(fleet);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        var creating = fleet.CreateAsync(world.Cluster);
        await proxy.SeesAsync(r => r is { Verb: "create" or "patch", Resource: "jobs", StatusCode: < 300 });
        Assert.That(creating.IsCompleted, Is.False, "amid the creations");

        // It listens again at once, and is not ready yet: every connection breaks.
        var unready = proxy.Add(new Refused(_ => true, ProxyAnswer.Nothing));
        await proxy.KillAsync();
        var (mark, start) = (proxy.Requests.Count, TimeProvider.System.GetTimestamp());
        await proxy.RestartAsync();
        foreach (var kind in Watched.All) await proxy.SeesAsync(r => r.Resource == kind && r.Verb is "list" or "watch", count: 3, since: mark);
        var tries = proxy.Requests.Since(mark).Where(r => r.Verb is "list" or "watch").GroupBy(r => r.Resource).ToDictionary(r => r.Key, r => r.Count());
        Assert.That(tries.Values, Is.All.LessThanOrEqualTo(1 + TimeProvider.System.GetElapsedTime(start).TotalSeconds), "each is tried at most once a second");

        // Then it is gone altogether, until it comes back for good.
        await proxy.KillAsync();
        await creating;
        await Eventually.SeeAsync(running.Operator.MetricsAsync, m => RefusedConnections(m) > 8, "the port is closed");
        proxy.Remove(unready);
        mark = proxy.Requests.Count;
        start = TimeProvider.System.GetTimestamp();
        await proxy.RestartAsync();
        foreach (var kind in Watched.All)
        {
            await proxy.SeesAsync(r => r.Resource == kind && r is { Verb: "watch", StatusCode: 200 }, since: mark, within: TimeSpan.FromSeconds(10) - TimeProvider.System.GetElapsedTime(start));
        }

        await Oracles.HoldAsync(fleet, world, running, faultFree);
    }

    [Test]
    public async Task A_leader_whose_API_server_is_frozen_steps_down_by_its_deadline_and_a_new_one_goes_on()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        using var program = world.StartProgram(proxy, "--leader-elect");
        await Fleet.Small.CreateAsync(world.Cluster, 0, 2);
        await proxy.SeesAsync(r => r is { Verb: "patch", Resource: "deployments" });

        var start = TimeProvider.System.GetTimestamp();
        using var frozen = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.That(proxy.Freeze(), Is.Positive, "connections are frozen");
        await Eventually.SeeAsync(() => Task.FromResult(program.Output.ToArray()), lines => lines.Any(l => l.Contains("no longer holds the lease", StringComparison.Ordinal)), "it steps down");
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(s_lease), "before anybody else may lead");
        Assert.That(await program.ExitAsync(), Is.EqualTo(1), "it has lost the lease, and says so");
        Unobserved.AssertNone(program);

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, frozen.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var mark = proxy.Requests.Count;
        proxy.Thaw();
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        var next = await world.StartOperatorAsync(new OperatorOptions { LeaderElect = true });
        await Oracles.HoldAsync(Fleet.Small, world, next, faultFree);
        Assert.That(proxy.Requests.Since(mark).Where(r => r.Verb != "watch"), Is.Empty, "the old one asks for nothing any more");
    }

    [Test]
    public async Task Connections_that_the_API_server_ends_now_and_then_gently_or_not_make_no_difference()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        var random = new Random(20);
        var gentle = proxy.Add(new ConnectionEnded(_ => true, 0.1, random, isAbrupt: false));
        var abrupt = proxy.Add(new ConnectionEnded(_ => true, 0.1, random, isAbrupt: true));

        await Fleet.Small.CreateAsync(world.Cluster);
        await Fleet.Small.ReadyAsync(world.Cluster);
        await Task.WhenAll(gentle.HappenedAsync(), abrupt.HappenedAsync());
        proxy.Remove(gentle);
        proxy.Remove(abrupt);

        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    private static double RefusedConnections(string metrics) => new Scrape(metrics).Of("rest_client_requests_total", "code=\"<error>\"").Sum(s => s.Value);
}
