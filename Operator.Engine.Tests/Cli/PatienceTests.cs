using LlmKube.Operator.Cli.Cluster;
using LlmKube.Operator.Cli.Commands;

namespace LlmKube.Operator.Engine.Tests.Cli;

/// <summary>How often a cluster is asked for what it does by itself.</summary>
[TestFixture]
internal sealed class PatienceTests
{
    [Test]
    public async Task It_asks_the_more_seldom_the_longer_it_takes_and_gives_up_in_time()
    {
        var time = new PausesAtOnce();
        var patience = new Patience(time, TimeSpan.FromMinutes(10));

        await Assert.ThatAsync(() => patience.WaitAsync(() => Task.FromResult<string?>("it is there"), CancellationToken.None), Throws.TypeOf<CliException>().With.Message.EqualTo("it is there; waited 600 s"));

        Assert.That(time.Pauses.Take(7).Select(p => p.TotalSeconds), Is.EqualTo(new[] { 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5 }));
        Assert.That(time.Pauses, Has.Count.LessThan(130));
    }

    /// <summary>A clock that goes on by each pause as soon as somebody begins it.</summary>
    private sealed class PausesAtOnce : TimeProvider
    {
        public List<TimeSpan> Pauses { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Pauses.Sum(p => p.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
