using System.Net;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Faults.Proxy;
using LlmKube.Operator.Tests.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>What an operator is told of the cluster is old, cut short, or wrong.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class WatchFaultTests
{
    [Test]
    public async Task After_100_deletions_that_nobody_told_watches_that_answer_410_cost_one_list_per_kind()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        var many = Fleet.Small with { ServicesEach = Fleet.Small.ServicesEach + 25 };
        await many.CreateAsync(world.Cluster);
        await many.ReadyAsync(world.Cluster);
        await Oracles.IdleAsync(running.Operator);

        var missed = proxy.Add(new EventsMangled(r => r.Verb == "watch", new Random(3), dropped: 1, doubled: 0));
        foreach (var name in many.ServiceNames.Except(Fleet.Small.ServiceNames)) await world.Cluster.DeleteServiceAsync(name);
        await Eventually.SeeAsync(
            () => world.Cluster.Client.AppsV1.ListNamespacedDeploymentAsync(world.Cluster.Namespace), l => l.Items.Count == Fleet.Small.ServiceNames.Count(), "the children have gone with their services");
        await Eventually.SeeAsync(() => Task.FromResult(missed.Dropped), d => d >= 200, "the deletions of 100 services and their children are not told");

        // One half of the watches ends with 410 in the stream, the other half is answered with it when it is opened again.
        proxy.Remove(missed);
        var mark = proxy.Requests.Count;
        var refused = proxy.Add(new RefusedOnce(r => r.Verb == "watch" && !IsInStream(r), ProxyAnswer.Status(HttpStatusCode.Gone, "Expired", "too old resource version")));
        Assert.That(proxy.EndWatches(IsInStream, ProxyAnswer.GoneLine), Is.EqualTo(4));
        Assert.That(proxy.EndWatches(r => !IsInStream(r)), Is.EqualTo(4));
        await refused.HappenedAsync(4);

        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
        var lists = proxy.Requests.Since(mark).Where(r => r.Verb == "list").GroupBy(r => r.Resource).ToDictionary(r => r.Key, r => r.Count());
        Assert.That(lists.Keys, Is.EquivalentTo(Watched.All));
        Assert.That(lists.Values, Is.All.EqualTo(1), "one list per kind");
    }

    [Test]
    public async Task Half_open_watches_are_replaced_within_a_minute()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync();
        var proxy = running.Proxy;
        await Fleet.Small.CreateAsync(world.Cluster, 0, 2);
        await Eventually.SeeAsync(() => Task.FromResult(proxy.Watches.Count()), open => open == Watched.All.Length, "all kinds are watched");

        var (mark, start) = (proxy.Requests.Count, TimeProvider.System.GetTimestamp());
        Assert.That(proxy.FreezeConnections(), Is.GreaterThan(0));
        await Fleet.Small.CreateAsync(world.Cluster, 2, 2);
        foreach (var kind in Watched.All)
        {
            await proxy.SeesAsync(r => r.Resource == kind && r is { Verb: "watch", StatusCode: 200 }, since: mark, within: TimeSpan.FromMinutes(1) - TimeProvider.System.GetElapsedTime(start));
        }

        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    [Test]
    public async Task Of_events_of_which_a_tenth_is_lost_and_a_tenth_comes_twice_the_next_list_makes_the_best()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var clock = new RunningClock();
        await using var world = await FaultWorld.StartAsync();
        var running = await world.StartOperatorAsync(time: clock);
        var mangled = running.Proxy.Add(new EventsMangled(r => r.Verb == "watch", new Random(5), dropped: 0.1, doubled: 0.1));

        await Fleet.Small.CreateAsync(world.Cluster);
        await Eventually.SeeAsync(() => Task.FromResult((mangled.Dropped, mangled.Doubled)), m => m is { Dropped: > 3, Doubled: > 3 }, "events are lost and doubled");
        await Oracles.IdleAsync(running.Operator);
        running.Proxy.Remove(mangled);

        // Nothing tells of what was lost but a list, and these are made again every hour or two.
        var mark = running.Proxy.Requests.Count;
        clock.Advance(TimeSpan.FromHours(2));
        foreach (var kind in Watched.All) await running.Proxy.SeesAsync(r => r.Resource == kind && r.Verb == "list", since: mark);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    [Test]
    public async Task Lists_of_the_past_after_a_restart_delete_nothing_that_lives()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        var past = proxy.Add(new ListsStale(_ => true));
        var running = await world.StartOperatorAsync(proxy: proxy);
        await Eventually.SeeAsync(() => Task.FromResult(proxy.Watches.Count()), open => open == Watched.All.Length, "all kinds were listed when there was nothing");
        await Fleet.Small.CreateAsync(world.Cluster);
        await Fleet.Small.ReadyAsync(world.Cluster);
        await Oracles.IdleAsync(running.Operator);
        var made = await UidsAsync(world.Cluster);

        foreach (var stale in new Func<string, bool>[] { _ => true, IsParent, kind => !IsParent(kind) })
        {
            await world.StopOperatorAsync(running);
            past.Replay(stale);
            var mark = proxy.Requests.Count;
            running = await world.StartOperatorAsync(proxy: proxy);

            // It has heard the past and what came after, and has looked at everything.
            await Eventually.SeeAsync(() => Task.FromResult(past.Due.Count()), due => due == 0, "the past is told");
            await Eventually.SeeAsync(() => Task.FromResult(proxy.Watches.Count()), open => open == Watched.All.Length, "all kinds are watched");
            await Eventually.SeeAsync(
                async () => new Scrape(await running.Operator.MetricsAsync()),
                s => Reconciled(s, "model") >= Fleet.Small.Models && Reconciled(s, "inferenceservice") >= Fleet.Small.ServiceNames.Count(),
                "all are reconciled");
            await Fleet.Small.ReadyAsync(world.Cluster);
            await Oracles.RestsAsync(proxy, TimeSpan.FromSeconds(3));

            // A Model of the past may have its fetch looked at or run once more, which finds the file and is taken away when it has ended.
            Assert.That(proxy.Requests.Since(mark).Where(r => r is { Verb: "delete" or "deletecollection", Resource: not "jobs" }).Select(r => r.Path), Is.Empty);
        }

        Assert.That(past.Count, Is.EqualTo(2 * Watched.All.Length));
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
        Assert.That(await UidsAsync(world.Cluster), Is.EquivalentTo(made), "they are the same as before");
    }

    private static bool IsInStream(ProxiedRequest request) => Array.IndexOf(Watched.All, request.Resource) % 2 == 0;

    private static double Reconciled(Scrape scrape, string controller) => scrape.Of("llmkube_reconcile_total", $"controller=\"{controller}\"").Sum(s => s.Value);

    private static bool IsParent(string resource) => resource is "models" or "inferenceservices";

    private static async Task<IEnumerable<string>> UidsAsync(StoryCluster cluster)
    {
        var (client, ns) = (cluster.Client, cluster.Namespace);
        IEnumerable<V1ObjectMeta> objects =
        [
            .. (await client.AppsV1.ListNamespacedDeploymentAsync(ns)).Items.Select(o => o.Metadata),
            .. (await client.CoreV1.ListNamespacedServiceAsync(ns)).Items.Select(o => o.Metadata),
            .. (await client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(ns)).Items.Select(o => o.Metadata),
            .. (await client.PolicyV1.ListNamespacedPodDisruptionBudgetAsync(ns)).Items.Select(o => o.Metadata),
            .. (await client.CoreV1.ListNamespacedPodAsync(ns, labelSelector: Labels.Service)).Items.Select(o => o.Metadata),
        ];
        return objects.Select(m => m.Uid);
    }
}
