using CsCheck;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Deployments;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class RolloutTests
{
    private static readonly Dictionary<string, (string? Surge, string? Unavailable, int Replicas, (int Surge, int Unavailable) Want)> LimitCases = new()
    {
        ["a quarter each by default"] = (null, null, 4, (1, 1)),
        ["surge rounds up, unavailable down"] = ("25%", "25%", 3, (1, 0)),
        ["numbers are taken as they are"] = ("2", "1", 10, (2, 1)),
        ["both zero would stand still"] = ("0", "0", 5, (0, 1)),
        ["percentages that round to nothing would too"] = ("0%", "10%", 5, (0, 1)),
        ["no more can be missing than there are"] = ("0", "7", 3, (0, 3)),
    };

    private static readonly Dictionary<string, (int Desired, int Surge, int Unavailable, ReplicaCount New, ReplicaCount[] Old, (string, int)[] Want)> StepCases = new()
    {
        ["the new set starts with the surge"] = (4, 1, 1, new("new", 0, 0), [new("old", 4, 4)], [("new", 1)]),
        ["an old pod goes for the one that may be missing"] = (4, 1, 1, new("new", 1, 0), [new("old", 4, 4)], [("old", 3)]),
        ["nothing more goes while the new ones are not available"] = (4, 1, 1, new("new", 2, 0), [new("old", 3, 3)], []),
        ["each new one that is available lets an old one go"] = (4, 1, 1, new("new", 2, 1), [new("old", 3, 3)], [("old", 2)]),
        ["old pods that serve nobody go first"] = (4, 1, 1, new("new", 1, 0), [new("older", 2, 0), new("old", 2, 2)], [("older", 1)]),
        ["zero surge frees a place first"] = (1, 0, 1, new("new", 0, 0), [new("old", 1, 1)], [("old", 0)]),
        ["then fills it"] = (1, 0, 1, new("new", 0, 0), [new("old", 0, 0)], [("new", 1)]),
        ["a set that is too large shrinks"] = (2, 1, 0, new("new", 5, 5), [], [("new", 2)]),
        ["a rollout that is through does nothing"] = (3, 1, 0, new("new", 3, 3), [new("old", 0, 0)], []),
    };

    public static IEnumerable<string> LimitStories => LimitCases.Keys;

    public static IEnumerable<string> StepStories => StepCases.Keys;

    [TestCaseSource(nameof(LimitStories))]
    public void Limits_of_a_rolling_update(string story)
    {
        var (surge, unavailable, replicas, want) = LimitCases[story];
        Assert.That(Rollout.Limits(Value(surge), Value(unavailable), replicas), Is.EqualTo(want));
    }

    [TestCaseSource(nameof(StepStories))]
    public void A_step_of_a_rolling_update(string story)
    {
        var (desired, surge, unavailable, current, old, want) = StepCases[story];
        var sizes = Rollout.Step(desired, surge, unavailable, current, old);
        Assert.That(sizes.Select(s => (s.Key, s.Value)), Is.EquivalentTo(want));
    }

    [Test]
    public void A_rolling_update_never_exceeds_the_surge_nor_falls_below_the_unavailable_and_ends()
    {
        var scenarios = from desired in Gen.Int[1, 12]
                        from surge in Gen.Int[0, 4]
                        from unavailable in Gen.Int[0, 4]
                        from split in Gen.Int[0, 12]
                        from seed in Gen.Int
                        select (desired, surge, unavailable: surge == 0 && unavailable == 0 ? 1 : unavailable, split: Math.Min(split, desired), seed);
        scenarios.Sample(s =>
        {
#pragma warning disable RS0030 // Seeded: the scenario repeats.
            var dice = new Random(s.seed);
#pragma warning restore RS0030
            var unavailable = Math.Min(s.unavailable, s.desired);
            var current = new ReplicaCount("new", 0, 0);
            var old = new[] { new ReplicaCount("a", s.split, s.split), new ReplicaCount("b", s.desired - s.split, s.desired - s.split) };
            for (var round = 0; round < 500; round++)
            {
                var sizes = Rollout.Step(s.desired, s.surge, unavailable, current, old);
                current = Resize(current, sizes);
                old = [.. old.Select(o => Resize(o, sizes))];
                var total = current.Replicas + old.Sum(o => o.Replicas);
                var available = current.Available + old.Sum(o => o.Available);
                Assert.That(total, Is.LessThanOrEqualTo(s.desired + s.surge), "surge");
                Assert.That(available, Is.GreaterThanOrEqualTo(s.desired - unavailable), "unavailable");
                if (current.Available == s.desired && old.All(o => o.Replicas == 0)) return;
                if (dice.Next(2) == 0) current = current with { Available = Math.Min(current.Replicas, current.Available + dice.Next(3)) };
            }

            Assert.Fail("the rollout did not end");
        });
    }

    [Test]
    public void Scaling_in_mid_rollout_keeps_the_sum()
    {
        var scenarios = from sizes in Gen.Int[1, 20].Array[1, 4] from allowed in Gen.Int[0, 60] select (sizes, allowed);
        scenarios.Sample(s =>
        {
            var active = s.sizes.Select((size, i) => new ReplicaCount($"s{i}", size, size)).ToList();
            var changed = Rollout.Proportional(s.allowed, s.sizes.Sum(), active);
            Assert.That(active.Sum(a => changed.GetValueOrDefault(a.Name, a.Replicas)), Is.EqualTo(s.allowed));
            Assert.That(changed.Values, Has.All.GreaterThanOrEqualTo(0));
        });
    }

    private static ReplicaCount Resize(ReplicaCount set, IReadOnlyDictionary<string, int> sizes)
    {
        var size = sizes.GetValueOrDefault(set.Name, set.Replicas);
        return new(set.Name, size, Math.Min(size, set.Available));
    }

    private static IntOrString? Value(string? text) => text;
}
