using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>How pods are replaced: a new one first, and if that is impossible an old one makes room.</summary>
public sealed class RolloutStrategyTests
{
    private const string Gpu = "0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't match pod affinity rules.";
    private const string Memory = "0/3 nodes are available: 3 Insufficient memory.";
    private const string Alone = "0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.";
    private const string Apart = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.";
    private const string Selector = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";

    private sealed record Story(string Want, V1Pod[] Pods)
    {
        public int Updated { get; init; } = 1;

        public int Replicas { get; init; } = 3;

        public string InForce { get; init; } = "1/0";

        public string? Tie { get; init; }

        public string? Refused { get; init; }

        public double? LookAgainIn { get; init; }
    }

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["a new pod comes first"] = new("1/0", [Old("a"), Old("b"), New("c")]),
        ["one that finds no GPU is waited for"] = new("1/0", [Old("a"), Old("b"), Stuck("c", Gpu, seconds: 5)]) { LookAgainIn = 10 },
        ["and after fifteen seconds gets an old one's"] = new("0/1", [Old("a"), Old("b"), Stuck("c", Gpu, seconds: 15)]),
        ["one that wants more than an old one has may find the rest free"] = new("0/1", [Old("a"), Old("b"), Stuck("c", Gpu, seconds: 15, gpus: 2)]),
        ["old ones without GPUs have none to give"] = new("1/0", [Old("a", gpus: 0), Stuck("c", Gpu, seconds: 900)]) { Replicas = 2 },
        ["other GPUs than those it wants are none"] = new("1/0", [Old("a"), Stuck("c", "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.shared.", seconds: 900)]) { Replicas = 2 },
        ["pods of an older operator, which are not seen, have GPUs as well"] = new("0/1", [Stuck("c", Gpu, seconds: 15)]) { Replicas = 2 },
        ["one that no other may share a claim with gets it"] = new("0/1", [Old("a"), Stuck("c", Alone, seconds: 15)]),
        ["one that may not be beside another waits for a node"] = new("1/0", [Old("a"), Stuck("c", Apart, seconds: 15)]) { LookAgainIn = 285 },
        ["but not for ever"] = new("0/1", [Old("a"), Stuck("c", Apart, seconds: 300)]),
        ["one that a quota leaves no place for gets an old one's"] = new("0/1", [Old("a")]) { Replicas = 1, Updated = 0, Refused = "pods \"chat-x\" is forbidden: exceeded quota: gpus" },
        ["one that is refused for another reason does not"] = new("1/0", [Old("a")]) { Replicas = 1, Updated = 0, Refused = "pods \"chat-x\" is forbidden: violates PodSecurity" },
        ["one that fits no node takes nobody's place"] = new("1/0", [Old("a"), Stuck("c", Selector, seconds: 900)]) { Replicas = 2 },
        ["memory may come with another node"] = new("1/0", [Old("a"), Stuck("c", Memory, seconds: 60)]) { LookAgainIn = 240 },
        ["that takes five minutes at most"] = new("0/1", [Old("a"), Stuck("c", Memory, seconds: 300)]),
        ["a pod that waits beside pods of its own template waits: that is no rollout"] = new("1/0", [New("a"), Stuck("c", Gpu, seconds: 900)]) { Updated = 2, Replicas = 2 },
        ["nor does it matter where none is under way"] = new("1/0", [Old("a"), Stuck("c", Gpu, seconds: 900)]) { Replicas = 1 },
        ["an old pod that is going anyway makes the room by itself"] = new("1/0", [Going(Old("a")), Stuck("c", Gpu, seconds: 900)]) { Replicas = 1 },
        ["what was decided holds when the pod has its room"] = new("0/1", [Old("a"), New("c")]) { InForce = "0/1" },
        ["and is over with the rollout"] = new("1/0", [New("a"), New("b"), New("c")]) { InForce = "0/1", Updated = 3 },
        ["a percentage of an older operator is none of ours"] = new("1/0", [Old("a"), New("c")]) { InForce = "25%/25%" },
        ["a pod elsewhere waits for the volume that untied pods hold"] = new("0/100%", [Old("a", "node-1"), Old("b", "node-1"), Starting("c", "node-2", seconds: 20)]) { Tie = "weights" },
        ["but not at once"] = new("1/0", [Old("a", "node-1"), Starting("c", "node-2", seconds: 5)]) { Tie = "weights", LookAgainIn = 10 },
        ["nor on the node where they are"] = new("1/0", [Old("a", "node-1"), Starting("c", "node-1", seconds: 20)]) { Tie = "weights", Replicas = 2 },
        ["nor on a claim that nodes share"] = new("1/0", [Old("a", "node-1"), Starting("c", "node-2", seconds: 20)]),
        ["pods of an older operator, which are not seen, hold it as well"] = new("0/100%", [Starting("c", "node-2", seconds: 20)]) { Tie = "weights", Replicas = 2 },
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decides(string name)
    {
        var story = Stories[name];
        var (service, model) = (A.Service(with: s => s.Replicas = 3), A.GpuModel());
        var deployment = A.DeploymentOf(service, model, story.Updated, replicas: story.Replicas);
        var inForce = story.InForce.Split('/');
        deployment.Spec.Strategy.RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = inForce[0], MaxUnavailable = inForce[1] };

        if (story.Refused is not null)
        {
            deployment.Status.Conditions = [new V1DeploymentCondition { Type = "ReplicaFailure", Status = "True", Message = story.Refused, LastTransitionTime = A.Now.UtcDateTime.AddSeconds(-20) }];
        }

        var strategy = RolloutStrategy.Of(A.Seen(service, model, deployment: deployment, pods: story.Pods), story.Tie);

        Assert.That(($"{strategy.Surge.Value}/{strategy.Unavailable.Value}", strategy.LookAgainIn?.TotalSeconds), Is.EqualTo((story.Want, story.LookAgainIn)));
    }

    [Test]
    public void A_decision_comes_again_when_the_patience_is_over()
    {
        var (service, model) = (A.Service(with: s => s.Replicas = 2), A.GpuModel());
        var deployment = A.DeploymentOf(service, model, updated: 1, replicas: 3);

        var decision = ServiceDecider.Decide(A.Seen(service, model, deployment: deployment, pods: [Old("a"), Old("b"), Stuck("c", Gpu, seconds: 5)]));

        Assert.That(decision.LookAgainIn, Is.EqualTo(TimeSpan.FromSeconds(10)));
    }

    private static V1Pod Old(string name, string node = "node-1", int gpus = 1) => Of(A.Pod(name, ready: true), "old", node, gpus);

    private static V1Pod New(string name) => Of(A.Pod(name), "new", "node-2");

    private static V1Pod Stuck(string name, string words, int seconds, int gpus = 1)
    {
        var pod = Of(A.Unschedulable(name, words: words), "new", null, gpus);
        pod.Status.Conditions[0].LastTransitionTime = A.Now.UtcDateTime.AddSeconds(-seconds);
        return pod;
    }

    private static V1Pod Starting(string name, string node, int seconds)
    {
        var pod = Of(A.Pod(name), "new", node);
        pod.Metadata.Labels[Labels.Cache] = "weights";
        pod.Status = new V1PodStatus
        {
            Phase = "Pending",
            Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = A.Now.UtcDateTime.AddSeconds(-seconds) }],
        };
        return pod;
    }

    private static V1Pod Going(V1Pod pod)
    {
        pod.Metadata.DeletionTimestamp = A.Earlier;
        return pod;
    }

    private static V1Pod Of(V1Pod pod, string template, string? node, int gpus = 1)
    {
        pod.Metadata.Labels["pod-template-hash"] = template;
        pod.Spec.NodeName = node;
        pod.Spec.Containers[0].Resources = new V1ResourceRequirements
        {
            Limits = gpus == 0 ? null : new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new($"{gpus}") },
            Requests = new Dictionary<string, ResourceQuantity> { ["memory"] = new("4Gi") },
        };
        return pod;
    }
}
