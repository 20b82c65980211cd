using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Something befalls the leader, a process of its own, while another operator stands by.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LeaderFaultTests
{
    private static readonly OperatorOptions s_electing = new() { LeaderElect = true };

    [Test]
    public async Task A_leader_that_is_killed_amid_its_work_is_replaced_within_17_seconds()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        using var program = world.StartProgram(proxy, "--leader-elect");
        await proxy.LeadsAsync();
        var standby = await world.StartOperatorAsync(s_electing);
        var held = proxy.Add(new Held(IsDeployment));
        await Fleet.Small.CreateAsync(world.Cluster);
        await held.HappenedAsync(4);

        await LastRenewalAsync(proxy, standby);
        var start = TimeProvider.System.GetTimestamp();
        await program.KillAsync();
        await standby.Proxy.LeadsAsync();
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(17)));

        await Oracles.HoldAsync(Fleet.Small, world, standby, faultFree);
        Assert.That(proxy.Requests.CountOf(r => r is { Verb: "patch", Resource: "deployments" }), Is.Zero, "it died before it had done anything of it");
    }

    [Test]
    public async Task A_leader_that_is_told_to_stop_is_replaced_within_3_seconds()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        using var program = world.StartProgram(proxy, "--leader-elect");
        await proxy.LeadsAsync();
        var standby = await world.StartOperatorAsync(s_electing);
        await Fleet.Small.CreateAsync(world.Cluster, 0, 2);
        await (Fleet.Small with { Models = 2 }).ReadyAsync(world.Cluster);

        var start = TimeProvider.System.GetTimestamp();
        await program.SignalAsync("TERM");
        await standby.Proxy.LeadsAsync();
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(3)));

        Assert.That(await program.ExitAsync(), Is.Zero);
        Unobserved.AssertNone(program);
        var mark = proxy.Requests.Count;
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        await Oracles.HoldAsync(Fleet.Small, world, standby, faultFree);
        Assert.That(proxy.Requests.Since(mark), Is.Empty, "the old one asks for nothing any more");
    }

    [Test]
    public async Task A_leader_that_is_paused_amid_its_work_until_another_leads_writes_nothing_when_it_goes_on()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        using var program = world.StartProgram(proxy, "--leader-elect");
        await proxy.LeadsAsync();
        var standby = await world.StartOperatorAsync(s_electing);
        var paused = proxy.Add(new Noticed(IsDeployment, (_, _) => program.SignalAsync("STOP"), most: 1));
        await Fleet.Small.CreateAsync(world.Cluster);
        await paused.HappenedAsync();
        await standby.Proxy.LeadsAsync();
        await Fleet.Small.ReadyAsync(world.Cluster);
        await Oracles.RestsAsync(standby.Proxy, TimeSpan.FromSeconds(3));

        // It finds answers to what it asked before, and events of all that has happened since: a queue full of work, and no right to do it.
        var (before, mark) = (await ClusterState.VersionsAsync(world.Cluster), proxy.Requests.Count);
        await program.SignalAsync("CONT");
        Assert.That(await program.ExitAsync(), Is.EqualTo(1), "it has lost the lease, and says so");
        Unobserved.AssertNone(program);
        Assert.That(await ClusterState.VersionsAsync(world.Cluster), Is.EqualTo(before), "nothing that it has sent since had an effect");

        // What had passed the check of the lease when it was stopped is on the wire now; that is harmless, as it makes and changes nothing.
        Assert.That(proxy.Requests.Since(mark).Where(r => r.StatusCode == 201 || (r is { Resource: "leases", StatusCode: < 300 } && r.IsWrite)), Is.Empty);
        Assert.That(proxy.Requests.CountOf(r => r.IsWrite, mark), Is.LessThanOrEqualTo(2 * s_electing.Workers), string.Join('\n', proxy.Requests.Since(mark)));
        await Oracles.HoldAsync(Fleet.Small, world, standby, faultFree);
        Assert.That(await ClusterState.VersionsAsync(world.Cluster), Is.EqualTo(before));
    }

    [Test]
    public async Task A_leader_that_alone_is_cut_off_ends_itself_and_writes_nothing_when_the_way_is_free_again()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        using var program = world.StartProgram(proxy, "--leader-elect");
        await proxy.LeadsAsync();
        var standby = await world.StartOperatorAsync(s_electing);
        var cut = proxy.Add(new Noticed(IsDeployment, (_, _) => Task.Run(proxy.Freeze), most: 1));
        await Fleet.Small.CreateAsync(world.Cluster);
        await cut.HappenedAsync();
        await standby.Proxy.LeadsAsync();
        Assert.That(await program.ExitAsync(), Is.EqualTo(1), "it has lost the lease, and says so");
        Unobserved.AssertNone(program);
        await Fleet.Small.ReadyAsync(world.Cluster);
        await Oracles.RestsAsync(standby.Proxy, TimeSpan.FromSeconds(3));

        var (before, mark) = (await ClusterState.VersionsAsync(world.Cluster), proxy.Requests.Count);
        proxy.Thaw();
        await Oracles.HoldAsync(Fleet.Small, world, standby, faultFree);
        Assert.That(proxy.Requests.Since(mark).Where(r => r.IsWrite), Is.Empty, "what was kept back has gone with who asked");
        Assert.That(await ClusterState.VersionsAsync(world.Cluster), Is.EqualTo(before));
    }

    // The leader does not renew any more, and the standby has seen its last renewal: how much of the lease is left when it dies is no matter of chance.
    private static async Task LastRenewalAsync(FaultProxy leader, FaultedOperator standby)
    {
        var renewals = leader.Add(new Held(r => r is { Resource: "leases", Verb: "update" }));
        await renewals.HappenedAsync();
        await standby.Proxy.SeesAsync(r => r.Resource == "leases", since: standby.Proxy.Requests.Count);
    }

    private static bool IsDeployment(ProxiedRequest request) => request is { Verb: "patch", Resource: "deployments" };
}
