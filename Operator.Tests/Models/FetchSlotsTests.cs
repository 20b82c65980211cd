using k8s.Models;
using KubeOps.KubernetesClient;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace LlmKube.Operator.Tests.Models;

[TestFixture]
internal sealed class FetchSlotsTests
{
    private readonly List<V1Job> _jobs = [];
    private FakeTimeProvider _time = null!;
    private FetchSlots _slots = null!;

    [SetUp]
    public void Begin()
    {
        _jobs.Clear();
        _time = new(Seen.Now);
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

    private static readonly Dictionary<string, (string By, Func<DesiredAction, ActionResults> Acted, bool IsFreed)> Ends = new()
    {
        ["created"] = ("b", a => new([new(a, null, Changed: true)], null), false),
        ["there already, and in no list yet"] = ("b", a => new([new(a, null, Changed: false)], null), false),
        ["refused"] = ("b", _ => new([], Seen.Refusal()), true),
        ["refused to a sibling"] = ("sibling", _ => new([], Seen.Refusal()), false),
        ["not answered"] = ("b", a => new([], new(a, new HttpRequestException("broken"))), false),
        ["not come to"] = ("b", _ => new([], new(new DesiredAction.Create(Seen.Claim()), new HttpRequestException("broken"))), true),
    };

    private static IEnumerable<string> EndNames => Ends.Keys;

    [TestCaseSource(nameof(EndNames))]
    public async Task A_slot_whose_job_is_known_not_to_come_is_given_back_by_who_took_it(string name)
    {
        var (by, acted, isFreed) = Ends[name];
        await TakenAsync("a", "b");
        var creation = new DesiredAction.Create(Job("b"));
        Assert.That(await _slots.TryTakeAsync(Job("b"), Seen.Model(by), CancellationToken.None), Is.True, "it is one Job, and has a slot");

        _slots.Settle(Seen.Model(by), [creation], acted(creation));

        Assert.That(await TakenAsync("c", "d"), Is.EqualTo([isFreed, false]));
    }

    [Test]
    public async Task The_end_of_a_job_takes_no_slot_of_the_next_one_of_its_name()
    {
        await TakenAsync("a", "b");
        var before = Job("b");
        before.Metadata.CreationTimestamp = Seen.Now.UtcDateTime.AddMinutes(-10);

        _slots.Gone(before);
        Assert.That(await TakenAsync("c"), Is.EqualTo([false]));

        _slots.Gone(Job("b"));
        Assert.That(await TakenAsync("c"), Is.EqualTo([true]));
    }

    [Test]
    public async Task Who_comes_late_gets_no_slot_before_those_that_wait()
    {
        _jobs.AddRange([Job("a"), Job("b")]);
        Assert.That(await _slots.TryTakeAsync(Job("old"), Aged("old", 2), CancellationToken.None), Is.False);
        _jobs.RemoveAt(0);

        Assert.That(await _slots.TryTakeAsync(Job("young"), Aged("young", 1), CancellationToken.None), Is.False, "the slot is for the old one");
        Assert.That(await NextAsync(), Is.EqualTo(["old"]));
        Assert.That(await _slots.TryTakeAsync(Job("young"), Aged("young", 1), CancellationToken.None), Is.False, "it has been told, and comes");
        Assert.That(await _slots.TryTakeAsync(Job("oldest"), Aged("oldest", 3), CancellationToken.None), Is.True, "age decides");
        Assert.That(await _slots.TryTakeAsync(Job("old"), Aged("old", 2), CancellationToken.None), Is.False, "though it had been told");

        _jobs.Clear();
        Assert.That(await NextAsync(), Is.EqualTo(["old"]));
    }

    [Test]
    public async Task No_slot_is_kept_for_long_for_who_does_not_come()
    {
        _jobs.AddRange([Job("a"), Job("b")]);
        Assert.That(await _slots.TryTakeAsync(Job("old"), Aged("old", 2), CancellationToken.None), Is.False);
        _jobs.RemoveAt(0);
        Assert.That(await _slots.TryTakeAsync(Job("young"), Aged("young", 1), CancellationToken.None), Is.False);

        _time.Advance(TimeSpan.FromSeconds(61));
        _jobs[0].Status = new V1JobStatus { Ready = 1 };

        Assert.That(await _slots.TryTakeAsync(Job("young"), Aged("young", 1), CancellationToken.None), Is.True);
    }

    [Test]
    public async Task Those_that_wait_are_named_by_age_and_as_many_as_may_begin()
    {
        _jobs.AddRange([Job("a"), Job("b")]);
        foreach (var (name, age) in ((string, int)[])[("young", 1), ("old", 3), ("middle", 2)])
        {
            Assert.That(await _slots.TryTakeAsync(Job(name), Aged(name, age), CancellationToken.None), Is.False);
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

    private static Model Aged(string name, int hours)
    {
        var model = Seen.Model(name);
        model.Metadata.CreationTimestamp = Seen.Now.UtcDateTime.AddHours(-hours);
        return model;
    }

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
        client.Setup(c => c.ListAsync<V1Job>(null, Managed.Selector, null, It.IsAny<CancellationToken>())).ReturnsAsync(() => [.. _jobs]);
        return new(client.Object, new OperatorOptions { MaxConcurrentFetches = bound }, _time);
    }
}
