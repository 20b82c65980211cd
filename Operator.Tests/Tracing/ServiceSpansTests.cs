using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tracing;

namespace LlmKube.Operator.Tests.Tracing;

/// <summary>Which waits of a service end with a change of its status, and since when they have lasted.</summary>
public sealed class ServiceSpansTests
{
    private static readonly InferenceServiceStatus Waiting = Status(InferenceServicePhases.Pending) with { ModelReady = false, Conditions = [Progressing(minutesAgo: 5)] };

    private static readonly Dictionary<string, (InferenceServiceStatus? Before, InferenceServiceStatus After, (string, double)[] Spans)> Stories = new()
    {
        ["nothing was there before"] = (null, Status(InferenceServicePhases.Pending) with { ModelReady = false }, []),
        ["its model is ready at first sight"] = (null, Status(InferenceServicePhases.Creating), []),
        ["it goes on waiting for its model"] = (Waiting, Waiting, []),
        ["its model has become ready"] = (Waiting, Status(InferenceServicePhases.Creating), [("wait for model", 5)]),
        ["a generation waits from its begin"] = (Waiting with { Conditions = [Progressing(minutesAgo: 50)] }, Status(InferenceServicePhases.Creating), [("wait for model", 10)]),
        ["a GPU has come"] = (Status(InferenceServicePhases.WaitingForGPU) with { Conditions = [NoGpu(minutesAgo: 7)] }, Status(InferenceServicePhases.Creating), [("wait for gpu", 7)]),
        ["its pods are rolled out"] = (
            Status(InferenceServicePhases.Creating) with { RolloutRevision = "1", RolloutSince = A.Now.UtcDateTime.AddMinutes(-3) },
            Status(InferenceServicePhases.Ready) with { ReadyGeneration = 1, RolledOutRevision = "1" },
            [("rollout", 3), ("become ready", 10)]),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void What_ends_is_told_with_its_begin(string story)
    {
        var (before, after, spans) = Stories[story];

        var told = ServiceSpans.Between(A.Seen(A.Service()), before, after, A.Now).ToList();

        Assert.That(told.Select(s => (s.Name, (s.End - s.Start).TotalMinutes)), Is.EqualTo(spans));
        Assert.That(told.Select(s => s.End), Is.All.EqualTo(A.Now));
    }

    [Test]
    public void The_wait_for_a_model_links_to_the_trace_of_the_model()
    {
        var seen = A.Seen(A.Service(), model: A.Model());

        var span = ServiceSpans.Between(seen, Waiting, Status(InferenceServicePhases.Creating), A.Now).Single();

        Assert.That(span.About!.Value.Context.TraceId, Is.EqualTo(ObjectTrace.IdOf(seen.Model!.Metadata)));
        Assert.That(span.About.Value.Context.SpanId.ToHexString(), Is.Not.EqualTo(new string('0', 16)));
    }

    private static InferenceServiceStatus Status(string phase) => new()
    {
        Phase = phase,
        ObservedGeneration = 1,
        GenerationSince = A.Now.UtcDateTime.AddMinutes(-10),
        ModelReady = true,
    };

    private static V1Condition Progressing(int minutesAgo) =>
        new() { Type = ConditionTypes.Progressing, Status = "True", Reason = Reasons.ModelNotReady, LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-minutesAgo) };

    private static V1Condition NoGpu(int minutesAgo) =>
        new() { Type = ConditionTypes.GPUAvailable, Status = "False", Reason = Reasons.InsufficientGPU, LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-minutesAgo) };
}
