using LlmKube.Operator.Engine.Queue;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Queue;

public class WorkQueueTests
{
    private readonly FakeTimeProvider _clock = new();
    private WorkQueue<int> _queue = null!;
    private QueueWatch _watch = null!;

    [SetUp]
    public void Start()
    {
        _watch = new();
        _queue = new(_clock, new Dice(new Random(1)), observer: _watch);
    }

    [TearDown]
    public void Stop() => _queue.Dispose();

    [Test]
    public async Task A_key_that_is_added_twice_is_taken_once()
    {
        _queue.Add(1);
        _queue.Add(1);
        Assert.That(await TakeAsync(), Is.EqualTo(1));
        AssertEmpty();
    }

    [Test]
    public async Task A_key_that_is_added_while_it_runs_runs_again_afterwards_and_not_before()
    {
        _queue.Add(1);
        await TakeAsync();
        _queue.Add(1);
        _queue.Add(1);
        AssertEmpty();
        _queue.Done(1);
        Assert.That(await TakeAsync(), Is.EqualTo(1));
        _queue.Done(1);
        AssertEmpty();
    }

    [Test]
    public async Task A_key_waits_for_its_time_and_is_ready_exactly_then()
    {
        _queue.AddAfter(1, TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9.999));
        AssertEmpty();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(await TakeAsync(), Is.EqualTo(1));
    }

    [TestCase(10, 3)]
    [TestCase(3, 10)]
    public async Task Of_several_times_the_earliest_counts_and_the_others_do_not(int first, int second)
    {
        _queue.AddAfter(1, TimeSpan.FromSeconds(first));
        _queue.AddAfter(1, TimeSpan.FromSeconds(second));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(await TakeAsync(), Is.EqualTo(1));
        _queue.Done(1);
        _clock.Advance(TimeSpan.FromSeconds(60));
        AssertEmpty();
    }

    [Test]
    public async Task Keys_become_ready_in_the_order_of_their_times()
    {
        _queue.AddAfter(3, TimeSpan.FromSeconds(3));
        _queue.AddAfter(1, TimeSpan.FromSeconds(1));
        _queue.AddAfter(2, TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(new[] { await TakeAsync(), await TakeAsync(), await TakeAsync() }, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_time_that_never_comes_does_not_come_at_once()
    {
        _queue.AddAfter(1, TimeSpan.MaxValue);
        AssertEmpty();
        _clock.Advance(TimeSpan.FromDays(30));
        AssertEmpty();
    }

    // client-go's counters: its Add returns before it counts a key that is dirty, its AddAfter counts a retry whatever it is for.
    [Test]
    public async Task Adds_and_retries_are_counted_as_client_go_counts_them()
    {
        for (var i = 0; i < 100; i++) _queue.Add(1);
        Assert.That((_watch.Adds, _watch.Retries), Is.EqualTo((1, 0)), "A key that waits already is not added.");
        await TakeAsync();
        _queue.Add(1);
        _queue.Add(1);
        Assert.That((_watch.Adds, _watch.Retries), Is.EqualTo((2, 0)), "Once more while it runs.");
        _queue.AddAfter(2, TimeSpan.FromSeconds(1));
        Assert.That((_watch.Adds, _watch.Retries), Is.EqualTo((2, 1)), "For later.");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((_watch.Adds, _watch.Retries), Is.EqualTo((3, 1)));
        _queue.Retry(3);
        Assert.That((_watch.Adds, _watch.Retries), Is.EqualTo((3, 2)));
    }

    [Test]
    public void A_key_that_keeps_failing_waits_longer_and_longer_up_to_five_minutes_and_never_gives_up()
    {
        var delays = Enumerable.Range(0, 200).Select(_ => _queue.Retry(1)).ToList();
        Assert.That(delays[0], Is.InRange(TimeSpan.FromMilliseconds(2.5), TimeSpan.FromMilliseconds(5)));
        for (var i = 0; i < delays.Count; i++)
        {
            var full = Math.Min(5 * Math.Pow(2, Math.Min(i, 40)), TimeSpan.FromMinutes(5).TotalMilliseconds);
            Assert.That(delays[i].TotalMilliseconds, Is.InRange((full / 2) - 0.001, full + 0.001), $"after {i + 1} failures");
        }
    }

    [Test]
    public void A_key_that_did_well_begins_anew()
    {
        for (var i = 0; i < 20; i++) _queue.Retry(1);
        _queue.Forget(1);
        Assert.That(_queue.Retry(1), Is.LessThanOrEqualTo(TimeSpan.FromMilliseconds(5)));
    }

    [Test]
    public async Task A_closed_queue_takes_nothing_in()
    {
        _queue.Add(1);
        await TakeAsync();
        _queue.AddAfter(2, TimeSpan.FromSeconds(1));
        _queue.Close();
        Assert.That(_queue.Add(3), Is.False);
        Assert.That(_queue.AddAfter(4, TimeSpan.FromSeconds(1)), Is.False);
        _clock.Advance(TimeSpan.FromMinutes(1));
        AssertEmpty();
    }

    [Test]
    public async Task Who_waits_is_woken()
    {
        var waiting = TakeAsync();
        Assert.That(waiting.IsCompleted, Is.False);
        _queue.Add(1);
        Assert.That(await waiting, Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_comes_with_its_first_cause_and_how_long_it_was_ready()
    {
        _queue.AddAfter(1, TimeSpan.FromSeconds(10), Trigger.Requeue);
        _queue.Add(2, Trigger.Dependency);
        _queue.Add(2, Trigger.Watch);
        Assert.That(await _queue.TakeAsync(CancellationToken.None), Is.EqualTo(new WorkItem<int>(2, Trigger.Dependency, TimeSpan.Zero)));
        _clock.Advance(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(await _queue.TakeAsync(CancellationToken.None), Is.EqualTo(new WorkItem<int>(1, Trigger.Requeue, TimeSpan.FromSeconds(3))));
        _queue.Retry(2);
        _queue.Done(2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await _queue.TakeAsync(CancellationToken.None)).Trigger, Is.EqualTo(Trigger.Retry));
    }

    private async Task<int> TakeAsync() => (await _queue.TakeAsync(CancellationToken.None)).Key;

    private void AssertEmpty() => Assert.That(_watch.Depth, Is.Zero);
}
