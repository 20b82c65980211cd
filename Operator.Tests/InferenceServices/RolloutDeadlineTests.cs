using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>What is said when the Deployment's deadline is over: that a rollout is late only if a pod has had its time.</summary>
public sealed class RolloutDeadlineTests
{
    private static readonly Dictionary<string, (Func<ServiceSnapshot> Seen, Want Want)> Stories = new()
    {
        ["a rollout that waits for a GPU beyond its deadline still waits"] =
            (() => Late(A.OnGpus(A.Unschedulable("a"))), new("WaitingForGPU", "Queued at position 1", Events: Reasons.InsufficientGPU)),
        ["a rollout beyond its deadline fails"] =
            (() => Late(A.Rolling(1, 0, Started(A.Pod("a"), minutesAgo: 32))), new("Failed", "startup budget", Reasons.ProgressDeadlineExceeded, Events: Reasons.ProgressDeadlineExceeded)),
        ["a pod that got its node at last has its own time to load"] =
            (() => Late(A.Rolling(1, 0, Started(A.Pod("a"), minutesAgo: 20))), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["one that was long pulling its image has it, too"] =
            (() => Late(A.Rolling(1, 0, Started(A.Pod("a"), minutesAgo: 32, pulledMinutesAgo: 10))), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["but not one whose server was started again"] =
            (() => Late(A.Rolling(1, 0, Started(A.Pod("a"), minutesAgo: 32, pulledMinutesAgo: 10, restarts: 1))),
             new("Failed", "startup budget", Reasons.ProgressDeadlineExceeded, Events: Reasons.ProgressDeadlineExceeded)),
        ["one that was ready a moment ago is not late"] =
            (() => Late(A.Rolling(1, 0, WasReady(Started(A.Pod("a"), minutesAgo: 600), minutesAgo: 1))), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["a rollout whose old pod still answers after its deadline goes on"] =
            (() => Late(A.Rolling(0, 1, A.Pod("old", ready: true))), new("Progressing", "Rolling out", Available: true)),
        ["a rollout without room goes on to say so after its deadline"] =
            (() => Late(A.OnGpus(A.Unschedulable("a", words: "0/3 nodes are available: 3 Insufficient cpu."))),
             new("Creating", "No node fits: 0/3 nodes are available: 3 Insufficient cpu.", Events: $"{Reasons.InsufficientResources},{Reasons.Creating}")),
        ["a rollout that the scheduler has yet to look at is not late"] =
            (() => Late(A.Rolling(2, 0, Started(A.Pod("a"), minutesAgo: 32), Unplaced(A.Pod("b")))), new("Creating", "(0/1", Events: Reasons.Creating)),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decide(string story) => Stories[story].Want.AssertDecided(Stories[story].Seen());

    [TestCaseSource(nameof(Names))]
    public void The_same_facts_say_nothing_new_the_second_time(string story) => Want.AssertSaidOnce(Stories[story].Seen());

    [Test]
    public void A_pod_that_is_placed_after_the_deadline_is_looked_at_again_when_it_would_be_late()
    {
        var seen = Late(A.Rolling(1, 0, Started(A.Pod("a"), minutesAgo: 11)));

        Assert.That(ServiceDecider.Decide(seen).LookAgainIn, Is.EqualTo(TimeSpan.FromMinutes(20)));
        Assert.That(ServiceDecider.Decide(seen with { Now = A.Now.AddMinutes(20) }).Status.Conditions.Find(ConditionTypes.Degraded)?.Reason, Is.EqualTo(Reasons.ProgressDeadlineExceeded));
    }

    private static ServiceSnapshot Late(ServiceSnapshot seen)
    {
        seen.Deployment!.Status.Conditions = [new V1DeploymentCondition { Type = "Progressing", Status = "False", Reason = "ProgressDeadlineExceeded" }];
        return seen;
    }

    private static V1Pod Started(V1Pod pod, int minutesAgo, int? pulledMinutesAgo = null, int restarts = 0)
    {
        pod.Status.Conditions.Add(new V1PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-minutesAgo) });
        pod.Status.ContainerStatuses[0].State.Running.StartedAt = A.Now.UtcDateTime.AddMinutes(-(pulledMinutesAgo ?? minutesAgo));
        pod.Status.ContainerStatuses[0].RestartCount = restarts;
        return pod;
    }

    private static V1Pod WasReady(V1Pod pod, int minutesAgo)
    {
        pod.Status.Conditions.Single(c => c.Type == "Ready").LastTransitionTime = A.Now.UtcDateTime.AddMinutes(-minutesAgo);
        return pod;
    }

    private static V1Pod Unplaced(V1Pod pod)
    {
        (pod.Spec.NodeName, pod.Status) = (null, new V1PodStatus { Phase = "Pending" });
        return pod;
    }
}
