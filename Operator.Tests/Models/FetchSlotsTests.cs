using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class FetchSlotsTests
{
    private readonly FakeTimeProvider _time = new(Seen.Now);
    private readonly List<V1Job> _jobs = [];
    private FetchSlots _slots = null!;

    [SetUp]
    public void Begin()
    {
        _jobs.Clear();
        _slots = Slots(2);
    }

    [Test]
    public async Task No_more_are_granted_than_there_are_although_no_list_has_the_jobs_yet()
    {
        Assert.That(await TakenAsync("a", "b", "c"), Is.EqualTo([true, true, false]));
    }

    [Test]
    public async Task Many_that_ask_at_once_get_no_more_than_there_are()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => _slots.TryTakeAsync(Job($"{i}"), Seen.Model($"{i}"), CancellationToken.None))));

        Assert.That(taken.Count(t => t), Is.EqualTo(2));
    }

    [Test]
    public async Task Zero_is_no_bound()
    {
        _slots = Slots(0);

        Assert.That(await TakenAsync("a", "b", "c"), Is.EqualTo([true, true, true]));
    }

    [Test]
    public async Task What_was_not_created_is_given_back()
    {
        await TakenAsync("a", "b");

        _slots.Return(Job("b"));

        Assert.That(await TakenAsync("c", "d"), Is.EqualTo([true, false]));
    }

    [Test]
    public async Task Those_that_wait_are_named_by_age_and_as_many_as_may_begin()
    {
        _jobs.AddRange([Job("a"), Job("b")]);
        foreach (var (name, age) in ((string, int)[])[("young", 1), ("old", 3), ("middle", 2)])
        {
            var model = Seen.Model(name);
            model.Metadata.CreationTimestamp = Seen.Now.UtcDateTime.AddHours(-age);
            Assert.That(await _slots.TryTakeAsync(Job(name), model, CancellationToken.None), Is.False);
        }

        Assert.That(await _slots.NextAsync(CancellationToken.None), Is.Empty, "nothing is free");
        _jobs[0].Status = Seen.Ended("Failed");
        Assert.That(await NextAsync(), Is.EqualTo(["old"]));
        _slots.Forget(Seen.Model("middle"));
        _jobs.Clear();
        Assert.That(await NextAsync(), Is.EqualTo(["young"]));
        Assert.That(await NextAsync(), Is.Empty);
    }

    private static readonly Dictionary<string, (Action<V1Job> Job, bool Holds)> Jobs = new()
    {
        ["one that has just been created"] = (_ => { }, true),
        ["one that has found no node for long"] = (j => j.Metadata.CreationTimestamp = Seen.Now.UtcDateTime.AddMinutes(-2), false),
        ["one that runs for long"] = (j => (j.Metadata.CreationTimestamp, j.Status) = (Seen.Now.UtcDateTime.AddHours(-2), new V1JobStatus { Ready = 1 }), true),
        ["one that is done"] = (j => j.Status = Seen.Ended("Complete"), false),
        ["one on its way out"] = (j => j.Metadata.DeletionTimestamp = Seen.Now.UtcDateTime, false),
        ["one that removes"] = (j => j.Metadata.Labels[Labels.Purpose] = Purposes.Remove, false),
        ["one of someone else's"] = (j => j.Metadata.Labels = null, false),
    };

    private static IEnumerable<string> Names => Jobs.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_job_that_runs_or_may_begin_has_a_slot(string name)
    {
        var job = Job("a");
        Jobs[name].Job(job);

        Assert.That(FetchSlots.HoldsSlot(job, Seen.Now), Is.EqualTo(Jobs[name].Holds));
    }

    private async Task<IReadOnlyList<bool>> TakenAsync(params string[] names)
    {
        List<bool> taken = [];
        foreach (var name in names) taken.Add(await _slots.TryTakeAsync(Job(name), Seen.Model(name), CancellationToken.None));
        return taken;
    }

    private async Task<IEnumerable<string>> NextAsync() => (await _slots.NextAsync(CancellationToken.None)).Select(n => n.Name);

    private static V1Job Job(string name)
    {
        var job = Seen.Of(Seen.Model(name, $"https://models.example/{name}.gguf")).WithJob().Job!;
        job.Metadata.CreationTimestamp = Seen.Now.UtcDateTime;
        job.Status = null;
        return job;
    }

    private FetchSlots Slots(int bound)
    {
        var client = new Mock<IKubernetesClient>();
        client.Setup(c => c.ListAsync<V1Job>(null, Labels.ManagedSelector, null, It.IsAny<CancellationToken>())).ReturnsAsync(() => [.. _jobs]);
        return new(client.Object, new OperatorOptions { MaxConcurrentFetches = bound }, _time);
    }
}
