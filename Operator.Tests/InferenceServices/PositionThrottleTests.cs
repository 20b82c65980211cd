using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class PositionThrottleTests
{
    [Test]
    public void A_place_alone_is_written_at_once_and_then_once_in_five_seconds()
    {
        var time = new FakeTimeProvider();
        var throttle = new PositionThrottle(time);
        Assert.That(throttle.Wait("uid"), Is.Null);

        throttle.Written("uid");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(throttle.Wait("uid"), Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(throttle.Wait("other"), Is.Null);

        time.Advance(TimeSpan.FromSeconds(3));
        Assert.That(throttle.Wait("uid"), Is.Null);
    }

    [Test]
    public void Only_a_new_place_and_its_words_are_a_place_alone()
    {
        Assert.That(PositionThrottle.IsPositionAlone(Status(3), Status(2)), Is.True);
        Assert.That(PositionThrottle.IsPositionAlone(Status(3), Status(2) with { ReadyReplicas = 1 }), Is.False);
        Assert.That(PositionThrottle.IsPositionAlone(Status(3), Status(null)), Is.False, "it leaves the queue");
        Assert.That(PositionThrottle.IsPositionAlone(Status(null), Status(1)), Is.False, "it joins the queue");
        Assert.That(PositionThrottle.IsPositionAlone(Status(3), Status(3)), Is.False);
    }

    private static InferenceServiceStatus Status(int? position) => new()
    {
        Phase = InferenceServicePhases.WaitingForGPU,
        QueuePosition = position,
        Conditions = [new V1Condition { Type = ConditionTypes.Progressing, Status = "True", Message = $"Queued at position {position} waiting for GPU" }],
    };
}
