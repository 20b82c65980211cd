using System.Collections.Concurrent;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>A server that is busy says when to come again, and is heard.</summary>
[TestFixture]
internal sealed class RetryAfterTests : FetchFixture
{
    // The clock of the fetch stands still until it is moved.
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [TestCase(429, "7", 7)]
    [TestCase(503, "7", 7)]
    [TestCase(503, "Sun, 01 Mar 2026 12:00:09 GMT", 9, Description = "a time instead of seconds")]
    [TestCase(429, "86400", 20, Description = "no server has it wait for a day: ten times the longest pause of its own")]
    public async Task It_is_waited_for_as_long_as_the_server_asks(int status, string retryAfter, int seconds)
    {
        var time = new WatchedTime(Now);
        Server.ThenStatus(status, "busy", ("Retry-After", retryAfter));
        var fetch = Fetch.RunAsync(
            Options() with { LongestRetryDelay = TimeSpan.FromSeconds(2), StallTimeout = TimeSpan.FromMinutes(5), ProgressInterval = TimeSpan.FromMinutes(10) },
            TextWriter.Null, TextWriter.Null, time, new Random(1), CancellationToken.None);

        await Eventually.TrueAsync(() => time.Waits.Contains(TimeSpan.FromSeconds(seconds)), "it waits as long as it was told");
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(seconds));

        AssertInPlace(Bytes.Sound, (await fetch).Report);
        Assert.That(Server.Requests, Has.Count.EqualTo(2));
    }

    /// <summary>Tells for how long is waited.</summary>
    private sealed class WatchedTime(DateTimeOffset now) : FakeTimeProvider(now)
    {
        public ConcurrentQueue<TimeSpan> Waits { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Waits.Enqueue(dueTime);
            return timer;
        }
    }
}
