using CsCheck;
using LlmKube.Operator.Engine.Queue;
using LlmKube.Operator.Engine.Tests.Fakes;
using LlmKube.Operator.Engine.Timing;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Queue;

/// <summary>Whatever happens in whatever order: no key runs twice at once, and none that was added is lost.</summary>
public class WorkQueuePropertyTests
{
    private enum Step
    {
        Add,
        AddLater,
        Retry,
        Take,
        Done,
        Wait,
    }

    [Test]
    public Task The_queue_behaves_like_its_model() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 4], Gen.Int[1, 2000]).Array[0, 200].SampleAsync(async steps =>
        {
            var clock = new FakeTimeProvider();
            var watch = new QueueWatch();
            using var queue = new WorkQueue<int>(clock, new Dice(new Random(7)), observer: watch);
            var model = new Model();
            foreach (var (step, key, milliseconds) in steps)
            {
                var delay = TimeSpan.FromMilliseconds(milliseconds);
                switch (step)
                {
                    case Step.Add:
                        queue.Add(key);
                        model.Add(key);
                        break;
                    case Step.AddLater:
                        queue.AddAfter(key, delay);
                        model.AddAt(key, clock.GetTimestamp() + delay.Ticks);
                        break;
                    case Step.Retry:
                        model.AddAt(key, clock.GetTimestamp() + queue.Retry(key).Ticks);
                        break;
                    case Step.Take when watch.Depth > 0:
                        model.Take((await queue.TakeAsync(CancellationToken.None)).Key);
                        break;
                    case Step.Done:
                        queue.Done(key);
                        model.Done(key);
                        break;
                    case Step.Wait:
                        clock.Advance(delay);
                        model.Reach(clock.GetTimestamp());
                        break;
                }

                if (watch.Depth != model.Ready) throw new InvalidOperationException($"{watch.Depth} keys are ready, not {model.Ready}.");
            }

            // Let everything come due and run: then nothing is left, and everything that was asked for has run since.
            clock.Advance(TimeSpan.FromMinutes(10));
            model.Reach(clock.GetTimestamp());
            foreach (var key in Enumerable.Range(0, 5))
            {
                queue.Done(key);
                model.Done(key);
            }

            while (watch.Depth > 0)
            {
                var key = (await queue.TakeAsync(CancellationToken.None)).Key;
                model.Take(key);
                queue.Done(key);
                model.Done(key);
            }

            if (!model.IsIdle) throw new InvalidOperationException("A key was lost.");
        });

    [Test]
    public async Task Under_real_concurrency_no_key_runs_twice_at_once_and_the_last_change_is_always_seen()
    {
        const int Keys = 8;
        using var queue = new WorkQueue<int>(TimeProvider.System, new Dice(new Random(3)));
        var wanted = new int[Keys];
        var seen = new int[Keys];
        var running = new int[Keys];
        var overlaps = 0;
        using var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var key = (await queue.TakeAsync(stop.Token)).Key;
                    if (Interlocked.Increment(ref running[key]) != 1) Interlocked.Increment(ref overlaps);
                    Volatile.Write(ref seen[key], Volatile.Read(ref wanted[key]));
                    await Task.Yield();
                    Interlocked.Decrement(ref running[key]);
                    queue.Done(key);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        })).ToList();
        var changers = Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 5000; i++)
            {
                var key = random.Next(Keys);
                Interlocked.Increment(ref wanted[key]);
                if (i % 7 == 0) queue.AddAfter(key, TimeSpan.FromMilliseconds(random.Next(3)));
                else queue.Add(key);
            }
        }));
        await Task.WhenAll(changers);
        await Fakes.Eventually.IsTrueAsync(() => Enumerable.Range(0, Keys).All(key => Volatile.Read(ref seen[key]) == wanted[key]));
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.That(overlaps, Is.Zero);
    }

    // The queue as its comment promises it, without any cleverness.
    private sealed class Model
    {
        private readonly HashSet<int> _dirty = [];
        private readonly HashSet<int> _running = [];
        private readonly Dictionary<int, long> _later = [];

        public int Ready => _dirty.Count(key => !_running.Contains(key));

        public bool IsIdle => _dirty.Count == 0 && _running.Count == 0 && _later.Count == 0;

        public void Add(int key) => _dirty.Add(key);

        public void AddAt(int key, long due) => _later[key] = _later.TryGetValue(key, out var before) ? Math.Min(before, due) : due;

        public void Take(int key)
        {
            if (!_dirty.Remove(key)) throw new InvalidOperationException($"{key} was handed out, and nobody had added it.");
            if (!_running.Add(key)) throw new InvalidOperationException($"{key} was handed out while it ran.");
        }

        public void Done(int key) => _running.Remove(key);

        public void Reach(long now)
        {
            foreach (var (key, due) in _later.Where(later => later.Value <= now).ToList())
            {
                _later.Remove(key);
                _dirty.Add(key);
            }
        }
    }
}
