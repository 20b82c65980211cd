using System.Net;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.Faults.Proxy;

namespace LlmKube.Operator.Tests.Faults;

/// <summary>Writes that lose a race, that are put off, or that are done and nobody hears of it.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class WriteFaultTests
{
    [Test]
    public async Task A_second_writer_at_50_writes_a_second_makes_every_write_race_and_keeps_its_fields_and_none_takes_more_than_5_retries()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var writer = new SecondWriter(world.Cluster);
        var running = await world.StartOperatorAsync();

        // Whatever the operator writes from what it has read, the other one writes first, twice in a row.
        var overtaken = running.Proxy.Add(new Overtaken(
            r => r is { Verb: "update", Subresource: "status" } or { Verb: "patch", Resource: Model.KubePluralName }, inARow: 2, r => writer.WriteAsync(r.Resource, r.Name)));
        await Fleet.Small.CreateAsync(world.Cluster);
        await writer.RunWhileAsync(Fleet.Small.ReadyAsync(world.Cluster));
        Assert.That(overtaken.Count, Is.GreaterThanOrEqualTo(Fleet.Small.Models + Fleet.Small.ServiceNames.Count()));
        running.Proxy.Remove(overtaken);

        var retries = running.Proxy.Requests.All.GroupBy(r => (r.Verb, r.Path)).Select(write => (write.Key, Most: MostInARow(write.Select(r => r.StatusCode == (int)HttpStatusCode.Conflict))));
        Assert.That(retries.Where(r => r.Most > 0), Is.Not.Empty, "races are lost");
        Assert.That(retries.Where(r => r.Most > 5), Is.Empty);
        await writer.AssertKeptAsync();
        await writer.UndoAsync();
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);
    }

    [Test]
    public async Task An_overloaded_API_server_that_puts_requests_off_is_asked_again_when_it_has_said_and_not_earlier()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        var putOff = proxy.Add(new PutOff(r => r.Resource != "leases", TimeSpan.FromSeconds(2), times: 2, TimeProvider.System));

        var running = await world.StartOperatorAsync(proxy: proxy);
        await Fleet.Small.CreateAsync(world.Cluster);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);

        var verbs = proxy.Requests.All.Where(r => r.StatusCode == (int)HttpStatusCode.TooManyRequests).Select(r => r.Verb).ToHashSet();
        Assert.That(verbs, Is.SupersetOf(new[] { "list", "watch", "create", "patch", "update", "delete" }), "everything is put off");
        Assert.That(putOff.TooEarly, Is.Empty);
    }

    [Test]
    public async Task Whoever_hears_nothing_of_what_it_has_created_finds_its_own_child_and_creates_no_second_one()
    {
        var faultFree = await FaultFree.StateAsync(Fleet.Small);
        await using var world = await FaultWorld.StartAsync();
        var proxy = await world.StartProxyAsync();
        var lost = proxy.Add(new ReplyLost(r => r.IsWrite, only: HttpStatusCode.Created));

        var running = await world.StartOperatorAsync(proxy: proxy);
        await Fleet.Small.CreateAsync(world.Cluster);
        await Oracles.HoldAsync(Fleet.Small, world, running, faultFree);

        var created = proxy.Requests.All.Where(r => r.StatusCode == (int)HttpStatusCode.Created).GroupBy(r => r.Resource).ToDictionary(r => r.Key, r => r.Count());
        var services = Fleet.Small.ServiceNames.Count();
        Assert.That(lost.Count, Is.EqualTo(created.Values.Sum()), "nothing is heard of any creation");
        Assert.That(
            (created["persistentvolumeclaims"], created["jobs"], created["deployments"], created["services"], created["poddisruptionbudgets"]),
            Is.EqualTo((1, Fleet.Small.Models, services, services, services / 2)));
    }

    private static int MostInARow(IEnumerable<bool> happened)
    {
        var (most, now) = (0, 0);
        foreach (var again in happened) most = Math.Max(most, now = again ? now + 1 : 0);
        return most;
    }
}
