using System.Net;
using LlmKube.Operator.Options;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>What the operator shows to the API server is no longer taken, or what that shows is another's; it goes on without a restart.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CredentialFaultTests
{
    [Test]
    public async Task A_token_that_has_expired_is_replaced_by_the_one_that_is_in_its_file_by_now()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        var files = new CredentialFiles(proxy, world.Cluster.Folder);
        var running = await world.StartOperatorAsync(new OperatorOptions { Kubeconfig = files.Kubeconfig }, proxy);
        await Fleet.Small.CreateAsync(world.Cluster, 0, 1);
        await proxy.SeesAsync(r => r is { Verb: "patch", Resource: "deployments", StatusCode: < 300 });

        // Replaced in time, as a kubelet does: the last one was read less than a minute ago, so it is still shown, and its refusal is no failure.
        files.WriteToken("second");
        proxy.Token = "second";
        await Fleet.Small.CreateAsync(world.Cluster, 1, 1);
        await (Fleet.Small with { Models = 2 }).ReadyAsync(world.Cluster);
        await Oracles.IdleAsync(running.Operator);
        Assert.That(proxy.Requests.CountOf(r => r.StatusCode == 401), Is.Positive, "the first was shown");
        Assert.That(await FailuresAsync(running.Operator), Is.Zero);

        // Replaced too late.
        await Oracles.RestsAsync(proxy, TimeSpan.FromSeconds(3));
        proxy.Token = "third";
        var mark = proxy.Requests.Count;
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        await proxy.SeesAsync(r => r.StatusCode == 401, count: 10, since: mark);
        Assert.That(await FailuresAsync(running.Operator), Is.Positive, "it is told");
        Assert.That(proxy.Requests.CountOf(r => r.IsWrite && r.StatusCode < 300, mark), Is.Zero);
        files.WriteToken("third");
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    [Test]
    public async Task Rights_that_are_taken_away_for_a_while_are_waited_for()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        await Fleet.Small.CreateAsync(world.Cluster, 0, 2);
        await proxy.SeesAsync(r => r is { Verb: "patch", Resource: "deployments", StatusCode: < 300 });

        var forbidden = proxy.Add(Refused.With(HttpStatusCode.Forbidden, "Forbidden", _ => true));
        Assert.That(proxy.EndWatches(_ => true), Is.EqualTo(8), "Models, InferenceServices and six kinds of children are watched");
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        await forbidden.HappenedAsync(30);

        proxy.Remove(forbidden);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    [Test]
    public async Task A_server_whose_authority_has_changed_is_trusted_when_the_file_names_the_new_one_and_not_before()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        var files = new CredentialFiles(proxy, world.Cluster.Folder);
        var running = await world.StartOperatorAsync(new OperatorOptions { Kubeconfig = files.Kubeconfig }, proxy);
        await Fleet.Small.CreateAsync(world.Cluster, 0, 2);
        await proxy.SeesAsync(r => r is { Verb: "patch", Resource: "deployments", StatusCode: < 300 });

        await (Fleet.Small with { Models = 2 }).ReadyAsync(world.Cluster);
        await Oracles.RestsAsync(proxy, TimeSpan.FromSeconds(3));
        using var old = proxy.Authority;
        proxy.Authority = LoopbackAuthority.Create("another");
        await proxy.KillAsync();
        var unused = proxy.UnusedConnections;
        var heard = proxy.Add(new Refused(_ => true, ProxyAnswer.Nothing));
        await proxy.RestartAsync();
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        await Eventually.SeeAsync(() => Task.FromResult(proxy.UnusedConnections), u => u >= unused + 10, "the operator turns away");
        Assert.That(heard.Count, Is.Zero, "it tells nothing to somebody it doesn't know");

        proxy.Remove(heard);
        files.WriteAuthority(proxy.Authority.Root);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    private static async Task<double> FailuresAsync(RunningOperator running) =>
        new Scrape(await running.MetricsAsync()).Of("controller_runtime_reconcile_errors_total").Sum(s => s.Value);
}
