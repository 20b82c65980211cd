using k8s.Models;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class GpuQueueTests
{
    private static readonly Dictionary<string, (V1Pod[] Pods, string Want)> Stories = new()
    {
        ["nobody waits"] = ([A.Pod("a", ready: true)], ""),
        ["priority before age"] = ([A.Unschedulable("a", "old", priority: 100, waitingMinutes: 60), A.Unschedulable("b", "urgent", priority: 1000, waitingMinutes: 1)], "urgent old"),
        ["age among equals"] = ([A.Unschedulable("a", "new", waitingMinutes: 1), A.Unschedulable("b", "old", waitingMinutes: 9)], "old new"),
        ["names among twins"] = ([A.Unschedulable("a", "b"), A.Unschedulable("b", "a")], "a b"),
        ["namespaces before names"] = ([A.Unschedulable("a", "a", @namespace: "z"), A.Unschedulable("b", "b", @namespace: "a")], "b a"),
        ["a service with two waiting pods is one waiter, as old as the older"] =
            ([A.Unschedulable("a", "two", waitingMinutes: 1), A.Unschedulable("b", "two", waitingMinutes: 9), A.Unschedulable("c", "one", waitingMinutes: 5)], "two one"),
        ["a pod without a resolved priority has none"] = ([A.Unschedulable("a", "none", priority: null), A.Unschedulable("b", "some", priority: 1)], "some none"),
        ["a pod that lacks memory is not in the queue"] = ([A.Unschedulable("a", words: "0/1 nodes are available: 1 Insufficient memory.")], ""),
        ["a pod that is going is not in the queue"] = ([Going(A.Unschedulable("a"))], ""),
        ["a pod that has been placed is not in the queue"] = ([Placed(A.Unschedulable("a"))], ""),
        ["a pod without a service is not in the queue"] = ([Orphan(A.Unschedulable("a"))], ""),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Order(string story) =>
        Assert.That(string.Join(" ", GpuQueue.Of(Stories[story].Pods).Waiters.Select(w => w.Service.Name)), Is.EqualTo(Stories[story].Want));

    [Test]
    public void When_the_middle_one_of_three_leaves_exactly_it_and_those_behind_it_move()
    {
        var monitor = new GpuQueueMonitor();
        monitor.Observe(A.Unschedulable("a", "first", priority: 1000), gone: false);
        monitor.Observe(A.Unschedulable("b", "second", priority: 500), gone: false);
        monitor.Observe(A.Unschedulable("c", "third", priority: 100), gone: false);

        var moved = monitor.Observe(A.Unschedulable("b", "second", priority: 500), gone: true);

        Assert.That(moved.Select(m => m.Name), Is.EquivalentTo(new[] { "second", "third" }));
    }

    [Test]
    public void A_service_that_is_gone_moves_those_behind_it_whatever_its_pods_do()
    {
        var monitor = new GpuQueueMonitor();
        V1Pod[] pods = [A.Unschedulable("a", "first", priority: 1000), A.Unschedulable("b", "second", priority: 500)];
        foreach (var pod in pods) monitor.Observe(pod, gone: false);

        Assert.That(monitor.Forget(A.Namespace, "first").Select(m => m.Name), Is.EquivalentTo(new[] { "first", "second" }));
        Assert.That(GpuQueue.Of(pods, [A.Service("second")]).PositionOf(A.Namespace, "second"), Is.EqualTo(1));
    }

    [Test]
    public void Pods_that_never_waited_move_nobody()
    {
        var monitor = new GpuQueueMonitor();
        monitor.Observe(A.Unschedulable("a", "first"), gone: false);

        Assert.That(monitor.Observe(A.Pod("b", "other", ready: true), gone: false), Is.Empty);
        Assert.That(monitor.Observe(A.Pod("b", "other", ready: true), gone: true), Is.Empty);
    }

    private static V1Pod Going(V1Pod pod)
    {
        pod.Metadata.DeletionTimestamp = A.Earlier;
        return pod;
    }

    private static V1Pod Placed(V1Pod pod)
    {
        pod.Spec.NodeName = "node-1";
        return pod;
    }

    private static V1Pod Orphan(V1Pod pod)
    {
        pod.Metadata.Labels.Clear();
        return pod;
    }
}
