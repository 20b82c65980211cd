using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What a story wants to be decided for a service of the first generation.</summary>
internal sealed record Want(string Phase, string Says, string? Degraded = null, bool Available = false, int Actions = 2, string? Events = null)
{
    public void AssertDecided(ServiceSnapshot seen)
    {
        var decision = ServiceDecider.Decide(seen);

        var status = decision.Status;
        Assert.Multiple(() =>
        {
            Assert.That(status.Phase, Is.EqualTo(Phase));
            Assert.That(status.Conditions.Find(ConditionTypes.Progressing)?.Message, Does.Contain(Says));
            Assert.That(status.Conditions.Find(ConditionTypes.Degraded)?.Reason, Is.EqualTo(Degraded));
            Assert.That(status.Conditions.IsTrue(ConditionTypes.Available), Is.EqualTo(Available));
            Assert.That(decision.Actions, Has.Count.EqualTo(Actions));
            Assert.That(string.Join(",", decision.Announcements.Select(a => a.Reason)), Is.EqualTo(Events ?? ""));
            Assert.That(status.ObservedGeneration, Is.EqualTo(1));
        });
    }

    /// <summary>The same facts say nothing new the second time.</summary>
    public static void AssertSaidOnce(ServiceSnapshot seen)
    {
        var first = ServiceDecider.Decide(seen);
        seen.Service.Status = first.Status;

        var second = ServiceDecider.Decide(seen with { Now = A.Now.AddMinutes(5) });

        Assert.That(StatusWriter.Same(first.Status, second.Status), Is.True);
        Assert.That(second.Announcements, Is.Empty);
    }
}
