using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ServiceTimesTests
{
    private static readonly V1Condition Rolling = Condition(ConditionTypes.Progressing, "True", Reasons.Creating, 1, minutesAgo: 4);
    private static readonly V1Condition Done = Condition(ConditionTypes.Progressing, "False", Reasons.RolloutComplete, 1, minutesAgo: 0);
    private static readonly V1Condition Waiting = Condition(ConditionTypes.GPUAvailable, "False", Reasons.InsufficientGPU, 1, minutesAgo: 7);

    private static readonly Dictionary<string, (long Generation, InferenceServiceStatus? Before, InferenceServiceStatus After, double? Minutes)> Stories = new()
    {
        ["the first generation counts from creation"] = (1, With(Rolling), With(Done), 60),
        ["a later generation counts from its first sight"] = (2, With(Rolling), With(At(Done, 2)), 4),
        ["a generation that is Ready already does not count again"] = (1, With(Done), With(Done), null),
        ["pods that come back after a rollout do not count"] = (2, With(At(Done, 2)), With(At(Done, 2)), null),
        ["a change that touches no pod does not count"] = (2, With(Done), With(At(Done, 2)), null),
        ["a rollout that was complete behind the trouble of its model does not count again"] =
            (1, With(Condition(ConditionTypes.Progressing, "True", Reasons.ModelFailed, 1, minutesAgo: 4)), With(Done), null),
        ["what is not Ready does not count"] = (1, null, With(Rolling), null),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Time_to_ready(string story)
    {
        var (generation, before, after, minutes) = Stories[story];
        var meta = new V1ObjectMeta { Generation = generation, CreationTimestamp = A.Now.UtcDateTime.AddHours(-1) };

        Assert.That(ServiceTimes.TimeToReady(meta, before, after, A.Now)?.TotalMinutes, Is.EqualTo(minutes));
    }

    [Test]
    public void The_wait_for_a_GPU_counts_once_when_it_ends()
    {
        Assert.That(ServiceTimes.GpuWait(With(Rolling), With(Rolling, Waiting), A.Now), Is.Null, "it begins");
        Assert.That(ServiceTimes.GpuWait(With(Rolling, Waiting), With(Rolling, Waiting), A.Now), Is.Null, "it goes on");
        Assert.That(ServiceTimes.GpuWait(With(Rolling, Waiting), With(Rolling), A.Now), Is.EqualTo(TimeSpan.FromMinutes(7)), "it ends");
        Assert.That(ServiceTimes.GpuWait(With(Rolling), With(Done), A.Now), Is.Null, "it is over");
    }

    private static InferenceServiceStatus With(params V1Condition[] conditions) => new() { Conditions = conditions };

    private static V1Condition At(V1Condition condition, long generation) => new()
    {
        Type = condition.Type,
        Status = condition.Status,
        Reason = condition.Reason,
        LastTransitionTime = condition.LastTransitionTime,
        ObservedGeneration = generation,
    };

    private static V1Condition Condition(string type, string status, string reason, long generation, int minutesAgo) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        ObservedGeneration = generation,
        LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-minutesAgo),
    };
}
