using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Plugin;
using LlmKube.Operator.Tests.InferenceServices;

namespace LlmKube.Operator.Tests.Plugin;

/// <summary>One story per cause: what is seen, and what is said of it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class WhyTests
{
    private static readonly Dictionary<string, (WhyFacts Facts, bool IsWrong, string Reason, string Says)> Stories = new()
    {
        ["it serves"] = (Serving(), false, "Ready", "Nothing is wrong with InferenceService chat: Ready. 1 of 1 replicas serve at http://chat/."),
        ["it serves on the CPU"] = (
            Serving(Condition(ConditionTypes.Accelerated, "False", Reasons.CPUFallback, "No GPU is used")), true, Reasons.CPUFallback,
            "InferenceService chat serves without using all its GPUs: CPUFallback. No GPU is used. The pods have GPUs"),
        ["it is stopped"] = (
            Of(InferenceServicePhases.Stopped), false, Reasons.Stopped,
            "InferenceService chat is stopped: Stopped. It is asked for no replicas. No replicas are wanted, and none is left. To do: Nothing, if that is meant; else scale it."),
        ["it is being deleted"] = (
            Changed(Serving(), s => (s.Metadata.DeletionTimestamp, s.Metadata.Finalizers) = (A.Earlier, ["a/b"])), true, "Deleting", "InferenceService chat is being deleted: Deleting. It waits for a/b."),
        ["there is no Model"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelNotFound)), true, Reasons.ModelNotFound,
            "InferenceService chat waits for Model tiny: ModelNotFound. There is no Model tiny in namespace team."),
        ["the Model is not Ready"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelNotReady)) with { Model = ModelOf(ModelPhases.Downloading, Progressing(Reasons.DownloadStarted, "40 %")) }, false,
            Reasons.DownloadStarted, "InferenceService chat waits for Model tiny; Nothing is wrong with Model tiny yet"),
        ["the Model failed"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelFailed)) with { Model = ModelOf(ModelPhases.Failed, Degraded(Reasons.SourceNotFound, "404 Not Found")) }, true,
            Reasons.SourceNotFound, "InferenceService chat waits for Model tiny; Model tiny failed: SourceNotFound. 404 Not Found. 404, 410, or no such file. To do: Mend spec.source"),
        ["the fetch has no token"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelNotReady)) with
            {
                Model = ModelOf(ModelPhases.Pending, Progressing(Reasons.Pending)),
                FetchPods = [Waiting("fetch", "CreateContainerConfigError", "secret \"hub\" not found")],
            },
            true, Reasons.PodCreationFailed, "Model tiny has a fetch that does not begin: PodCreationFailed. Container fetch can't be created: secret \"hub\" not found"),
        ["the fetch finds no node"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelNotReady)) with { Model = ModelOf(ModelPhases.Pending), FetchPods = [Unplaced("0/1 nodes are available: 1 Insufficient cpu.")] },
            true, Reasons.InsufficientResources, "Model tiny has a fetch that no node takes: InsufficientResources. 0/1 nodes are available: 1 Insufficient cpu."),
        ["the file is gone, and a pod has it yet"] = (
            Changed(Of(InferenceServicePhases.Failed, Degraded(Reasons.ModelMissing, "the model's file is not on the volume any more")), s => s.Status.ReadyReplicas = 1), true, Reasons.ModelMissing,
            "InferenceService chat serves, but a pod fails: ModelMissing."),
        ["a change can't be honoured"] = (
            Changed(Of(InferenceServicePhases.Failed, Degraded(Reasons.InvalidSpec, "spec.contextSize is too small")), s => s.Status.ReadyReplicas = 1), true, Reasons.InvalidSpec,
            "InferenceService chat serves as it was before: InvalidSpec. Spec.contextSize is too small."),
        ["the newer pods fail"] = (
            Changed(Of(InferenceServicePhases.Failed, UpgradePending(Reasons.UpgradeFailed, "The pods fail: not found"), Degraded(Reasons.ImagePullFailed, "not found")), s => s.Status.ReadyReplicas = 1), true,
            Reasons.UpgradeFailed, "InferenceService chat does not get through the operator's upgrade: UpgradeFailed. The pods fail: not found."),
        ["another service has the turn"] = (
            Serving(UpgradePending(Reasons.WaitingForTurn, "Other pods are asked for")) with { Upgrading = [("other", "a"), ("team", "b")] }, false, Reasons.WaitingForTurn,
            "Nothing is wrong with InferenceService chat: WaitingForTurn. 1 of 1 replicas serve at http://chat/. Other pods are asked for. It is the turn of other/a, team/b."),
        ["nobody is seen that has the turn"] = (
            Serving(UpgradePending(Reasons.WaitingForTurn, "Other pods are asked for")), false, Reasons.WaitingForTurn, "serve at http://chat/. Other pods are asked for.\n"),
        ["another service's newer pods fail"] = (
            Serving(UpgradePending(Reasons.WaitingForTurn, "Other pods are asked for")) with { Upgrading = [("other", "a")], UpgradesStuck = [("other", "a")] }, true, Reasons.WaitingForTurn,
            "InferenceService chat serves, and waits for its turn to get newer pods; InferenceService other/a does not get through its own: WaitingForTurn."),
        ["the claim is not bound"] = (
            Of(InferenceServicePhases.Pending, Progressing(Reasons.ModelFailed)) with { Model = ModelOf(ModelPhases.Pending, Degraded(Reasons.CacheVolumeUnbindable, "no volume")) }, true,
            Reasons.CacheVolumeUnbindable, "Model tiny failed: CacheVolumeUnbindable. No volume."),
        ["a quota refuses pods"] = (Of(InferenceServicePhases.Failed, Degraded(Reasons.PodCreationFailed, "exceeded quota")), true, Reasons.PodCreationFailed, "chat failed: PodCreationFailed. Exceeded quota."),
        ["the image can't be pulled"] = (
            Of(InferenceServicePhases.Creating) with { Pods = [Waiting("llama-server", "ImagePullBackOff", "Back-off pulling image \"no/such\": not found")] }, true,
            Reasons.ImagePullFailed, "chat has a pod that does not come up: ImagePullFailed."),
        ["all GPUs are taken"] = (
            Queued() with { NodeResources = ["cpu", "nvidia.com/gpu"] }, true, Reasons.InsufficientGPU, "chat waits for GPUs: InsufficientGPU. It is number 2 of those that wait, for nvidia.com/gpu: 1."),
        ["no node has GPUs"] = (Queued() with { NodeResources = ["cpu"] }, true, Reasons.InsufficientGPU, "no node of the cluster has nvidia.com/gpu: is its device plugin installed?"),
        ["nodes may not be read"] = (Queued(), true, Reasons.InsufficientGPU, "for nvidia.com/gpu: 1. No node has the free GPUs"),
        ["no node takes the pod"] = (
            Of(InferenceServicePhases.Creating) with { Pods = [Unplaced("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")] }, true, Reasons.Unschedulable,
            "chat has a pod that no node takes: Unschedulable. 0/1 nodes are available"),
        ["another's object is in the way"] = (
            Of(InferenceServicePhases.Failed, Condition(ConditionTypes.NameConflict, "True", Reasons.NameConflict, "Deployment chat is someone else's")), true, Reasons.NameConflict,
            "chat can't have its objects: NameConflict. Deployment chat is someone else's."),
        ["it comes up"] = (
            Of(InferenceServicePhases.Creating, Progressing(Reasons.Creating, "The first pods start")), false, Reasons.Creating,
            "Nothing is wrong with InferenceService chat yet: Creating. The first pods start (0 of 1 replicas are ready)."),
        ["no operator holds the Lease"] = (
            Changed(Of(InferenceServicePhases.Creating), s => s.Metadata.Generation = 2) with { Lease = LeaseOf(A.Now.UtcDateTime.AddMinutes(-5)) }, true, "OperatorNotRunning",
            "chat is not looked after: OperatorNotRunning. No operator holds the Lease system/llmkube-operator-leader, which was last renewed 5m ago"),
        ["a Lease is left of an operator that is no more, and another works"] = (Serving() with { Lease = LeaseOf(A.Now.UtcDateTime.AddDays(-5)) }, false, "Ready", "Nothing is wrong"),
        ["the Lease is handed over"] = (
            Changed(Of(InferenceServicePhases.Creating), s => s.Metadata.Generation = 2) with { Lease = LeaseOf(A.Now.UtcDateTime.AddSeconds(-2), holder: "") }, true, "OperatorNotRunning",
            "The status speaks of generation 1, the object has 2"),
        ["nobody has ever held the Lease"] = (
            Changed(Of(InferenceServicePhases.Creating), s => s.Metadata.Generation = 2) with { Lease = LeaseOf(null, holder: null) }, true, "OperatorNotRunning",
            "No operator holds the Lease system/llmkube-operator-leader, so nothing"),
        ["it has been deleted a moment ago"] = (
            OfModel(Changed(ModelOf(ModelPhases.Ready), m => (m.Metadata.Generation, m.Metadata.DeletionTimestamp) = (2, A.Now.UtcDateTime.AddSeconds(-2)))), true, "Deleting", "Model tiny is being deleted"),
        ["an operator holds the Lease"] = (Serving() with { Lease = LeaseOf(A.Now.UtcDateTime.AddSeconds(-9)) }, false, "Ready", "Nothing is wrong"),
        ["nobody has looked at it"] = (
            Changed(Serving(), s => s.Metadata.Generation = 2), true, "OperatorNotRunning", "The status speaks of generation 1, the object has 2, so nothing is done about this object."),
        ["it was changed a moment ago"] = (
            Changed(Of(InferenceServicePhases.Creating), s => (s.Metadata.Generation, s.Metadata.CreationTimestamp) = (2, A.Now.UtcDateTime.AddSeconds(-5))), false, InferenceServicePhases.Creating, "Nothing is wrong"),
        ["a Model is Ready"] = (OfModel(ModelOf(ModelPhases.Ready)), false, "Ready", "Nothing is wrong with Model tiny: Ready."),
        ["a Model that is deleted is in use"] = (
            OfModel(Changed(ModelOf(ModelPhases.Ready, Condition(ConditionTypes.InUse, "True", Reasons.InUse, "Pods use it: a")), m => m.Metadata.DeletionTimestamp = A.Earlier)), true, Reasons.InUse,
            "Model tiny is being deleted: InUse. Pods use it: a."),
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void A_cause_is_found(string story)
    {
        var (facts, isWrong, reason, says) = Stories[story];

        var finding = Why.Of(facts);

        Assert.That((finding.IsWrong, finding.Reason), Is.EqualTo((isWrong, reason)));
        Assert.That(finding.Text(), Does.Contain(says));
        Assert.That(finding.Text(), Does.Not.Contain('{').And.Not.Contain(".."));
    }

    [Test]
    public void All_that_is_said() => Golden.Match(
        "plugin/why.txt", string.Join('\n', Stories.Select(s => $"# {s.Key}\n{Why.Of(s.Value.Facts).Text()}")));

    private static WhyFacts Of(string phase, params V1Condition[] conditions)
    {
        var service = A.Service();
        service.Status = new() { Phase = phase, ObservedGeneration = 1, ReadyReplicas = 0, DesiredReplicas = 1, Conditions = conditions };
        return new() { Now = A.Now, Service = service };
    }

    private static WhyFacts Serving(params V1Condition[] conditions) =>
        Changed(Of(InferenceServicePhases.Ready, conditions), s => (s.Status.ReadyReplicas, s.Status.Endpoint) = (1, "http://chat/"));

    private static WhyFacts Queued() => Changed(
        Of(InferenceServicePhases.WaitingForGPU), s => (s.Status.SchedulingStatus, s.Status.QueuePosition, s.Status.WaitingFor) = (Reasons.InsufficientGPU, 2, "nvidia.com/gpu: 1"));

    private static WhyFacts Changed(WhyFacts facts, Action<InferenceService> change)
    {
        change(facts.Service!);
        return facts;
    }

    private static Model Changed(Model model, Action<Model> change)
    {
        change(model);
        return model;
    }

    private static WhyFacts OfModel(Model model) => new() { Now = A.Now, Model = model };

    private static Model ModelOf(string phase, params V1Condition[] conditions) => Changed(A.Model(phase), m => m.Status.Conditions = conditions);

    private static V1Condition Condition(string type, string status, string reason, string message) => new() { Type = type, Status = status, Reason = reason, Message = message };

    private static V1Condition Progressing(string reason, string message = "It waits") => Condition(ConditionTypes.Progressing, "True", reason, message);

    private static V1Condition UpgradePending(string reason, string message) => Condition(ConditionTypes.UpgradePending, "True", reason, message);

    private static V1Condition Degraded(string reason, string message) => Condition(ConditionTypes.Degraded, "True", reason, message);

    private static V1Pod Waiting(string container, string reason, string message) => new()
    {
        Metadata = new() { Name = "pod" },
        Spec = new() { NodeName = "node-1", Containers = [] },
        Status = new() { ContainerStatuses = [new() { Name = container, Image = "no/such", State = new() { Waiting = new() { Reason = reason, Message = message } } }] },
    };

    private static V1Pod Unplaced(string words) => new()
    {
        Metadata = new() { Name = "pod" },
        Spec = new() { Containers = [] },
        Status = new() { Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = words }] },
    };

    private static V1Lease LeaseOf(DateTime? renewed, string? holder = "pod") =>
        new() { Metadata = new() { Name = "llmkube-operator-leader", NamespaceProperty = "system" }, Spec = new() { HolderIdentity = holder, RenewTime = renewed, LeaseDurationSeconds = 15 } };
}
