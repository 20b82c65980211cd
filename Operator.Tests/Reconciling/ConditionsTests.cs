using k8s.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Reconciling;

public sealed class ConditionsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    [Test]
    public void The_clock_moves_on_a_flip_only()
    {
        var first = ((IList<V1Condition>?)null).With(Ready("True", "One"), Start);
        var renamed = first.With(Ready("True", "Two"), Start.AddMinutes(1));
        var flipped = renamed.With(Ready("False", "Three"), Start.AddMinutes(2));

        Assert.That(first[0].LastTransitionTime, Is.EqualTo(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc)), "whole seconds");
        Assert.That((renamed[0].LastTransitionTime, renamed[0].Reason), Is.EqualTo((first[0].LastTransitionTime, "Two")));
        Assert.That(flipped[0].LastTransitionTime, Is.EqualTo(new DateTime(2026, 3, 1, 12, 2, 0, DateTimeKind.Utc)));
        Assert.That(first[0].Reason, Is.EqualTo("One"), "the input is left alone");
    }

    [Test]
    public void A_condition_keeps_its_place_and_can_go()
    {
        IList<V1Condition> conditions = [Ready("True", "A"), new() { Type = "Other", Status = "True" }];

        Assert.That(conditions.With(Ready("False", "B"), Start).Select(c => c.Type), Is.EqualTo(new[] { "Ready", "Other" }));
        Assert.That(conditions.Without("Ready").Select(c => c.Type), Is.EqualTo(new[] { "Other" }));
        Assert.That(conditions.Without("Missing"), Has.Count.EqualTo(2));
        Assert.That(conditions.IsTrue("Other"), Is.True);
    }

    private static V1Condition Ready(string status, string reason) => new() { Type = "Ready", Status = status, Reason = reason };
}
