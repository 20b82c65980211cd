using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ServiceTimesTests
{
    private static readonly V1Condition Waiting = new()
    {
        Type = ConditionTypes.GPUAvailable,
        Status = "False",
        Reason = Reasons.InsufficientGPU,
        LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-7),
    };

    private static readonly Dictionary<string, (InferenceServiceStatus? Before, InferenceServiceStatus After, double? Minutes)> Stories = new()
    {
        ["a generation counts from its first sight"] = (At(2, since: 4), At(2, since: 4, readyAt: 2), 4),
        ["a generation that is Ready already does not count again"] = (At(1, since: 60, readyAt: 1), At(1, since: 60, readyAt: 1), null),
        ["a generation that was Ready before does not count again"] = (At(1, since: 60, readyAt: 1) with { Phase = "Failed" }, At(1, since: 60, readyAt: 1), null),
        ["a new service that is Ready at first sight counts from its creation"] = (null, At(1, since: 60, readyAt: 1), 60),
        ["a change that touches no pod does not count"] = (At(1, since: 60, readyAt: 1), At(2, since: 0, readyAt: 2), null),
        ["a service that an older operator left Ready does not count"] = (new() { Phase = "Ready" }, At(1, since: 0, readyAt: 1), null),
        ["what is not Ready does not count"] = (null, At(1, since: 0), null),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Time_to_ready(string story) =>
        Assert.That(ServiceTimes.TimeToReady(Stories[story].Before, Stories[story].After, A.Now)?.TotalMinutes, Is.EqualTo(Stories[story].Minutes));

    [Test]
    public void A_new_service_counts_from_its_creation_and_a_new_generation_from_its_first_sight()
    {
        var service = A.Service();
        service.Status = ServiceDecider.Decide(A.Seen(service)).Status;
        Assert.That(service.Status.GenerationSince, Is.EqualTo(A.Earlier));
        service.Status = ServiceDecider.Decide(A.Seen(service) with { Now = A.Now.AddMinutes(1) }).Status;
        Assert.That(service.Status.GenerationSince, Is.EqualTo(A.Earlier), "it stays");

        service.Metadata.Generation = 2;
        service.Status = ServiceDecider.Decide(A.Seen(service) with { Now = A.Now.AddMinutes(2) }).Status;

        Assert.That(service.Status.GenerationSince, Is.EqualTo(A.Now.UtcDateTime.AddMinutes(2)));
    }

    [Test]
    public void A_service_of_an_older_operator_does_not_count_from_its_creation()
    {
        var service = A.Service();
        service.Status = new InferenceServiceStatus { Phase = "Creating" };

        Assert.That(ServiceDecider.Decide(A.Seen(service)).Status.GenerationSince, Is.EqualTo(A.Now.UtcDateTime));
    }

    [Test]
    public void The_wait_for_a_GPU_counts_once_when_it_ends()
    {
        Assert.That(ServiceTimes.GpuWait(With(), With(Waiting), A.Now), Is.Null, "it begins");
        Assert.That(ServiceTimes.GpuWait(With(Waiting), With(Waiting), A.Now), Is.Null, "it goes on");
        Assert.That(ServiceTimes.GpuWait(With(Waiting), With(), A.Now), Is.EqualTo(TimeSpan.FromMinutes(7)), "it ends");
        Assert.That(ServiceTimes.GpuWait(With(), With(), A.Now), Is.Null, "it is over");
    }

    private static InferenceServiceStatus With(params V1Condition[] conditions) => new() { Conditions = conditions };

    private static InferenceServiceStatus At(long generation, int since, long? readyAt = null) => new()
    {
        Phase = readyAt == generation ? InferenceServicePhases.Ready : InferenceServicePhases.Creating,
        ObservedGeneration = generation,
        GenerationSince = A.Now.UtcDateTime.AddMinutes(-since),
        ReadyGeneration = readyAt,
    };
}
