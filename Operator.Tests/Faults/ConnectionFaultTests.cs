using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>The API server, or the way to it, is gone for a while.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionFaultTests
{
    [Test]
    public async Task An_API_server_that_is_killed_amid_200_creations_and_comes_back_slowly_is_found_within_10_seconds_and_not_overrun()
    {
        var fleet = new Fleet(100, 1);
        var faultFree = await FaultFree.StateAsync(fleet);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        var creating = fleet.CreateAsync(world.Cluster);
        await proxy.Requests.WaitForAsync(r => r is { Verb: "patch", Resource: "deployments" }, count: 10);

        await proxy.KillAsync();
        await creating;

        // It listens again, and is not ready yet: every connection breaks.
        var ready = new Refused(_ => true, ProxyAnswer.Nothing);
        proxy.Add(ready);
        var mark = proxy.Requests.Count;
        var start = TimeProvider.System.GetTimestamp();
        await proxy.RestartAsync();
        await proxy.Requests.WaitForAsync(r => r is { Resource: "models", Verb: "list" or "watch" }, count: 3, since: mark);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var tries = proxy.Requests.Since(mark).Where(r => r.Verb is "list" or "watch").GroupBy(r => r.Resource).ToDictionary(r => r.Key, r => r.Count());
        Assert.That(tries.Keys, Has.Count.EqualTo(8), "Models, InferenceServices and six kinds of children are watched");
        Assert.That(tries.Values, Is.All.LessThanOrEqualTo(1 + seconds), "each is tried at most once a second");

        mark = proxy.Requests.Count;
        proxy.Remove(ready);
        using var back = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        foreach (var kind in tries.Keys)
        {
            await proxy.Requests.WaitForAsync(r => r.Resource == kind && r is { Verb: "watch", StatusCode: 200 }, since: mark, cancellation: back.Token);
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
        await proxy.Requests.WaitForAsync(r => r is { Verb: "patch", Resource: "deployments" });

        var start = TimeProvider.System.GetTimestamp();
        proxy.Freeze();
        Assert.That(await program.ExitAsync(), Is.EqualTo(1), "it has lost the lease, and says so");
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(30)));
        Unobserved.AssertNone(program);

        var mark = proxy.Requests.Count;
        proxy.Thaw();
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        var next = await world.StartOperatorAsync(new OperatorOptions { LeaderElect = true });
        await Oracles.HoldAsync(Fleet.Small, world, next, faultFree);
        Assert.That(proxy.Requests.Since(mark).Where(r => r.Verb != "watch"), Is.Empty, "the old one asks for nothing any more");
        await proxy.DisposeAsync();
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
}
