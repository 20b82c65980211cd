using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

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
        ["a generation counts from its first sight"] = (At(2, since: 4, revision: "1"), At(2, since: 4, readyAt: 2, revision: "2"), 4),
        ["a generation that is Ready already does not count again"] = (At(1, since: 60, readyAt: 1), At(1, since: 60, readyAt: 1), null),
        ["a generation that was Ready before does not count again"] = (At(1, since: 60, readyAt: 1) with { Phase = "Failed" }, At(1, since: 60, readyAt: 1), null),
        ["a new service that is Ready at first sight counts from its creation"] = (null, At(1, since: 60, readyAt: 1), 60),
        ["a change that touches no pod does not count"] = (At(1, since: 60, readyAt: 1), At(2, since: 0, readyAt: 2), null),
        ["a service that an older operator left Ready does not count"] = (new() { Phase = "Ready" }, At(1, since: 0, readyAt: 1), null),
        ["a change of replicas alone does not count"] = (At(2, since: 4, revision: "1"), At(2, since: 4, readyAt: 2, revision: "1"), null),
        ["a service that an agent serves counts from its creation, though it waited for its model"] = (At(1, since: 4), At(1, since: 4, readyAt: 1), 4),
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

    [Test]
    public void A_rollout_lasts_from_its_first_sight_until_all_pods_are_of_it_and_a_change_of_replicas_is_none()
    {
        var service = A.Service();
        Look(revision: "1", ready: 0, minute: 0);
        var second = Look(revision: "1", ready: 0, minute: 1);
        Assert.That((second.Now.RolloutSince, second.Took), Is.EqualTo((A.Now.UtcDateTime, (TimeSpan?)null)), "it began when it was first seen");
        var done = Look(revision: "1", ready: 1, minute: 2);
        Assert.That((done.Took?.TotalMinutes, done.Now.RolledOutRevision, done.Now.RolloutSince), Is.EqualTo((2, "d-1/1", (DateTime?)null)));

        service.Spec.Replicas = 2;
        Assert.That((Look(revision: "1", ready: 1, minute: 3).Now.RolloutSince, Look(revision: "1", ready: 2, minute: 4).Took), Is.EqualTo(((DateTime?)null, (TimeSpan?)null)));

        Look(revision: "2", ready: 1, minute: 5);
        Assert.That(Look(revision: "2", ready: 2, minute: 9).Took?.TotalMinutes, Is.EqualTo(4));

        Look(revision: "3", ready: 1, minute: 10);
        Assert.That(Look(revision: "4", ready: 1, minute: 1000).Now.RolloutRevision, Is.EqualTo("d-1/4"));
        Assert.That(Look(revision: "4", ready: 2, minute: 1001).Took?.TotalMinutes, Is.EqualTo(1), "what took the place of a rollout that never ended is a rollout of its own");
        Look(revision: "5", ready: 1, minute: 1002);
        Assert.That(Look(revision: "6", ready: 2, minute: 1003).Took, Is.Null, "of one that was over at first sight nothing is known");

        Look(revision: "1", ready: 0, minute: 1010, uid: "d-2");
        Assert.That(Look(revision: "1", ready: 2, minute: 1012, uid: "d-2").Took?.TotalMinutes, Is.EqualTo(2), "a Deployment that was made anew counts from 1 again");
        Look(revision: "1", ready: 0, minute: 1020, uid: "d-3");
        Assert.That(Look(revision: "1", ready: 2, minute: 1023, uid: "d-3").Took?.TotalMinutes, Is.EqualTo(3), "also at the same revision");

        (InferenceServiceStatus Now, TimeSpan? Took) Look(string revision, int ready, int minute, string uid = "d-1")
        {
            var deployment = A.DeploymentOf(service, A.Model(), updated: ready, ready: ready);
            deployment.Metadata.Uid = uid;
            deployment.Metadata.Annotations = new Dictionary<string, string> { [Annotations.DeploymentRevision] = revision };
            deployment.Metadata.OwnerReferences ??= A.Build(service, A.Model(), null).Metadata.OwnerReferences;
            var pods = Enumerable.Range(0, ready).Select(i => A.Pod($"p{i}", ready: true)).ToList();
            var (before, now) = (service.Status, A.Now.AddMinutes(minute));
            service.Status = ServiceDecider.Decide(A.Seen(service, deployment: deployment, pods: pods) with { Now = now }).Status;
            return (service.Status, ServiceTimes.Rollout(before, service.Status, now));
        }
    }

    [Test]
    public void A_wait_for_a_GPU_goes_on_while_a_pod_that_waits_is_replaced()
    {
        var service = A.Service(with: s => s.Resources = new InferenceResources { Gpu = 1 });
        var deployment = A.DeploymentOf(service, A.Model());
        var unjudged = A.Pod("b");
        unjudged.Spec.NodeName = null;

        service.Status = Look(A.Unschedulable("a"));
        var began = service.Status.Conditions.Find(ConditionTypes.GPUAvailable)!.LastTransitionTime;
        foreach (V1Pod[] moment in (V1Pod[][])[[], [unjudged], [A.Unschedulable("b", words: "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint.")]])
        {
            service.Status = Look(moment);
            Assert.That(service.Status.Conditions.Find(ConditionTypes.GPUAvailable), Has.Property(nameof(V1Condition.LastTransitionTime)).EqualTo(began));
        }

        Assert.That(Look(A.Pod("b")).Conditions.Find(ConditionTypes.GPUAvailable), Is.Null, "it has a node");
        var tainted = Look(A.Unschedulable("b", words: "0/1 nodes are available: 1 node(s) had untolerated taint."));
        Assert.That(tainted.Conditions.Find(ConditionTypes.GPUAvailable), Is.Null, "it is not for a GPU that it waits now");
        Assert.That(ServiceTimes.GpuWait(service.Status, tainted, A.Now), Is.Not.Null, "and the wait for one has ended");

        InferenceServiceStatus Look(params V1Pod[] pods) => ServiceDecider.Decide(A.Seen(service, deployment: deployment, pods: pods)).Status;
    }

    private static InferenceServiceStatus With(params V1Condition[] conditions) => new() { Conditions = conditions };

    private static InferenceServiceStatus At(long generation, int since, long? readyAt = null, string? revision = null) => new()
    {
        Phase = readyAt == generation ? InferenceServicePhases.Ready : InferenceServicePhases.Creating,
        ObservedGeneration = generation,
        GenerationSince = A.Now.UtcDateTime.AddMinutes(-since),
        ReadyGeneration = readyAt,
        RolledOutRevision = revision,
    };
}
