using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

public sealed class ServiceDeciderTests
{
    private static readonly Dictionary<string, (Func<ServiceSnapshot> Seen, Want Want)> Stories = new()
    {
        ["a service whose Model is missing waits and says so"] =
            (() => A.Seen(noModel: true), new("Pending", "Model not found", Actions: 0, Events: Reasons.ModelNotFound)),
        ["a service whose Model is being fetched waits"] =
            (() => A.Seen(model: A.Model(ModelPhases.Downloading)), new("Pending", "Waiting for Model to be Ready: see the status of Model \"tiny\"", Actions: 0)),
        ["a service whose Model is new waits"] =
            (() => A.Seen(model: A.Model(null)), new("Pending", "see the status of Model", Actions: 0)),
        ["a service whose Model failed says why"] =
            (() => A.Seen(model: Failed("404 Not Found")), new("Pending", "Model \"tiny\" failed: 404 Not Found", Actions: 0, Events: Reasons.ModelFailed)),
        ["a service whose Model has a newer source waits for it"] =
            (() => A.Seen(model: Edited(A.Model())), new("Pending", "see the status of Model", Actions: 0)),
        ["a service whose Model is being deleted waits"] =
            (() => A.Seen(model: Deleting(A.Model())), new("Pending", "is being deleted", Actions: 0)),
        ["a new service gets its children"] =
            (() => A.Seen(), new("Creating", "(0/1 replicas ready)", Events: Reasons.Creating)),
        ["a service of two pods gets a budget for drains, too"] =
            (() => A.Seen(A.Service(with: s => s.Replicas = 2)), new("Creating", "(0/2 replicas ready)", Actions: 3, Events: Reasons.Creating)),
        ["pods that load keep the service Creating"] =
            (() => A.Rolling(updated: 1, ready: 0, A.Pod("a")), new("Creating", "(0/1 replicas ready)", Events: Reasons.Creating)),
        ["a complete rollout is Ready"] =
            (() => A.Rolling(updated: 1, ready: 1, A.Pod("a", ready: true)), new("Ready", "1 of 1 replicas", Available: true, Events: Reasons.InferenceReady)),
        ["old pods that are ready are not the new rollout"] =
            (() => A.Rolling(updated: 0, ready: 1, A.Pod("old", ready: true)), new("Progressing", "Rolling out", Available: true)),
        ["a Deployment whose controller has not seen the change is not Ready"] =
            (() => A.Rolling(1, 1, observed: false, pods: A.Pod("a", ready: true)), new("Progressing", "Rolling out", Available: true)),
        ["a surplus pod keeps the rollout going"] =
            (() => A.Rolling(1, 1, replicas: 2, pods: A.Pod("a", ready: true)), new("Progressing", "Rolling out", Available: true)),
        ["a Deployment that counts a pod whose readiness is gone is not Ready"] =
            (() => A.Rolling(updated: 1, ready: 1, A.Pod("a")), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["a pod that is gone does not serve, whatever the Deployment still counts"] =
            (() => A.Rolling(updated: 1, ready: 1), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["pods of an older operator, which are not watched, serve until they are replaced"] =
            (() => A.Rolling(updated: 0, ready: 1, replicas: 1), new("Progressing", "Rolling out (1 replicas ready, 1 wanted)", Available: true)),
        ["a pod that waits for a GPU says its place"] =
            (() => A.OnGpus(A.Unschedulable("a")), new("WaitingForGPU", "Queued at position 1 waiting for GPU: 1 of nvidia.com/gpu must be free on a node that it may use. Add", Events: Reasons.InsufficientGPU)),
        ["a pod that fits nowhere else is not in the queue"] =
            (() => A.OnGpus(A.Unschedulable("a", words: "0/3 nodes are available: 3 Insufficient cpu.")),
             new("Creating", "No node fits: 0/3 nodes are available: 3 Insufficient cpu.", Events: $"{Reasons.InsufficientResources},{Reasons.Creating}")),
        ["a pod whose volume can't be had says so"] =
            (() => A.OnGpus(A.Unschedulable("a", words: "0/3 nodes are available: 3 node(s) had volume node affinity conflict.")),
             new("Creating", "No node fits: 0/3 nodes are available: 3 node(s) had volume node affinity conflict.", Events: $"{Reasons.CacheVolumeUnbindable},{Reasons.Creating}")),
        ["a pod that no node is for says so"] =
            (() => A.OnGpus(A.Unschedulable("a", words: "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.")),
             new("Creating", "No node fits: 0/3", Events: $"{Reasons.Unschedulable},{Reasons.Creating}")),
        ["a pod that has a node and gets no volume fails with the cluster's words"] =
            (() => A.Rolling(1, 0, A.Made("a", seconds: 60)) with { PodEvents = [A.PodEvent("FailedAttachVolume", "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) chat-1")] },
             new("Failed", "the pod gets no volume: Multi-Attach error for volume", Reasons.CacheVolumeUnbindable, Events: Reasons.CacheVolumeUnbindable)),
        ["one that a Secret is missing for fails with its name"] =
            (() => A.Rolling(1, 0, A.Made("a", seconds: 60)) with { PodEvents = [A.PodEvent("FailedMount", "MountVolume.SetUp failed for volume \"credentials\" : secret \"hf\" not found")] },
             new("Failed", "secret \"hf\" not found", Reasons.PodCreationFailed, Events: Reasons.PodCreationFailed)),
        ["one that the node can't make fails with its words"] =
            (() => A.Rolling(1, 0, A.Made("a", seconds: 60)) with { PodEvents = [A.PodEvent("FailedCreatePodSandBox", "no runtime for \"nvidia\" is configured")] },
             new("Failed", "the node can't make the pod: no runtime for", Reasons.PodCreationFailed, Events: Reasons.PodCreationFailed)),
        ["a model's file that has gone is missed at the first crash"] =
            (() => A.Rolling(1, 0, A.Crashing("a", message: Golden.Read("LastWords/missing.log"), restarts: 1)),
             new("Failed", "the model's file is not on the volume any more: gguf_init_from_file: failed to open", Reasons.ModelMissing, Events: Reasons.ModelMissing)),
        ["a driver that is too old is said to be"] =
            (() => A.Rolling(1, 0, A.Waiting("a", "CreateContainerError", "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version")),
             new("Failed", "cuda>=12.8", Reasons.DriverIncompatible, Events: Reasons.DriverIncompatible)),
        ["an autoscaler's number of pods is what is wanted, and is said"] =
            (() => Scaled(A.Rolling(3, 3, A.Pod("a", ready: true), A.Pod("b", ready: true), A.Pod("c", ready: true)), "kube-controller-manager", 3),
             new("Ready", "3 of 3 replicas came up with the current spec, as many as kube-controller-manager has set", Available: true, Actions: 3, Events: Reasons.InferenceReady)),
        ["a Deployment that was scaled by hand stays so"] =
            (() => Scaled(A.Rolling(3, 3, A.Pod("a", ready: true)), "kubectl", 3), new("Progressing", "(1 replicas ready, 3 wanted)", Available: true, Actions: 3)),
        ["until the service asks for another number"] =
            (() => Scaled(A.Rolling(3, 3, A.Pod("a", ready: true)), "kubectl", 3) with { Service = A.Service(with: s => s.Replicas = 2) }, new("Progressing", "(1 replicas ready, 2 wanted)", Available: true, Actions: 3)),
        ["and with an autoscaler not even then"] =
            (() => Scaled(A.Rolling(3, 3, A.Pod("a", ready: true)), "kube-controller-manager", 3) with { Service = A.Service(with: s => s.Replicas = 2) }, new("Progressing", "(1 replicas ready, 3 wanted)", Available: true, Actions: 3)),
        ["a server that has crashed once may come up yet"] =
            (() => A.Rolling(1, 0, A.Restarted(A.Crashing("a", restarts: 1))), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["the children of a former service of the name are waited for"] =
            (() => A.Rolling(1, 1, A.Pod("old", ready: true)) with { Service = A.Service(uid: "another-uid") },
             new("Pending", "Waiting for Deployment \"chat\" of the former InferenceService of this name to go", Actions: 0)),
        ["a crashing server fails with its last words"] =
            (() => A.Rolling(1, 0, A.Crashing("a", message: "\nfailed to load model\nmore")), new("Failed", "container llama-server ended with exit code 1: failed to load model", Reasons.CrashLooping, Events: Reasons.CrashLooping)),
        ["a server that does something else and ends well does not serve"] =
            (() => A.Rolling(1, 0, A.Crashing("a", 0, "Completed", restarts: 1)),
             new("Failed", "container llama-server ended with exit code 0 although it is to go on serving", Reasons.CrashLooping, Events: Reasons.CrashLooping)),
        ["nor while it does it for the third time"] =
            (() => A.Rolling(1, 0, A.Restarted(A.Crashing("a", 0, "Completed", restarts: 2))), new("Failed", "exit code 0 although", Reasons.CrashLooping, Events: Reasons.CrashLooping)),
        ["a server that has been ended once, with its node, comes up again"] =
            (() => A.Rolling(1, 0, A.Restarted(A.Crashing("a", 0, "Completed", restarts: 1))), new("Creating", "(0/1", Events: Reasons.Creating)),
        ["a server that was killed for its memory fails"] =
            (() => A.Rolling(1, 0, A.Crashing("a", 137, "OOMKilled")), new("Failed", "more memory", Reasons.OOMKilled, Events: Reasons.OOMKilled)),
        ["an image that can't be pulled fails by its name"] =
            (() => A.Rolling(1, 0, A.Waiting("a", "ImagePullBackOff", "Back-off pulling")), new("Failed", "the image \"nowhere/image:1\" can't be pulled", Reasons.ImagePullFailed, Events: Reasons.ImagePullFailed)),
        ["a container that can't be made fails"] =
            (() => A.Rolling(1, 0, A.Waiting("a", "CreateContainerConfigError", "secret \"x\" not found")), new("Failed", "secret \"x\" not found", Reasons.PodCreationFailed, Events: Reasons.PodCreationFailed)),
        ["one crashing pod of two degrades and leaves the other serving"] =
            (() => A.Rolling(2, 1, A.Crashing("a"), A.Pod("b", ready: true)) with { Service = A.Service(with: s => s.Replicas = 2) },
             new("Progressing", "exit code 1", Reasons.CrashLooping, Available: true, Actions: 3, Events: Reasons.CrashLooping)),
        ["pods that the API server refuses fail"] =
            (() => Refusing(A.Rolling(0, 0)), new("Failed", "pods can't be created: pods is forbidden: exceeded quota", Reasons.PodCreationFailed, Events: Reasons.PodCreationFailed)),
        ["zero replicas with none left are Stopped"] =
            (() => A.Rolling(0, 0) with { Service = A.Service(with: s => s.Replicas = 0) }, new("Stopped", "No replicas are wanted", Events: Reasons.Stopped)),
        ["zero replicas with a pod left are not yet Stopped"] =
            (() => A.Rolling(1, 1, A.Pod("a", ready: true)) with { Service = A.Service(with: s => s.Replicas = 0) }, new("Progressing", "Stopping", Available: true)),
        ["a quantity that is none fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.Resources = new InferenceResources { Memory = "abc" })),
             new("Failed", "spec.resources.memory: must be a quantity such as 500m or 4Gi, below 2^63, got \"abc\"", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a port out of range fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.Endpoint = new EndpointSpec { Port = 70000 })),
             new("Failed", "spec.endpoint.port: must be from 1 to 65535, got 70000", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a cache that is both named and ephemeral fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.ModelCache = new ModelCacheSpec { ClaimName = "mine", Persistence = "Ephemeral" })),
             new("Failed", "spec.modelCache.claimName: has no effect with persistence Ephemeral", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a cache of an unknown persistence fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.ModelCache = new ModelCacheSpec { Persistence = "Sometimes" })),
             new("Failed", "spec.modelCache.persistence: must be one of Cached, Ephemeral, got \"Sometimes\"", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a cache of a claim that can't be fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.ModelCache = new ModelCacheSpec { ClaimName = "My_Claim" })),
             new("Failed", "spec.modelCache.claimName: must be the name of a PersistentVolumeClaim, got \"My_Claim\"", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["an unknown type of cache fails and names the field"] =
            (() => A.Seen(A.Service(with: s => s.CacheTypeV = "q2_k")),
             new("Failed", "spec.cacheTypeV: must be one of f16, f32, q8_0", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a Model with an unknown vendor fails and names the field"] =
            (() => A.Seen(model: A.GpuModel(vendor: "acme")), new("Failed", "Model spec.hardware.gpu.vendor", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a split that does not fit the GPUs fails and names the field"] =
            (() => A.Seen(model: Split("0-19")), new("Failed", "Model spec.hardware.gpu.sharding.layerSplit: must have a range for each of the 2 GPUs of a pod, has 1", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a split that is no range fails and names the field"] =
            (() => A.Seen(model: Split("0-19", "20")), new("Failed", "layerSplit[1]: must be a range of layers such as 0-19, got \"20\"", Reasons.InvalidSpec, Actions: 0, Events: Reasons.InvalidSpec)),
        ["a foreign Deployment of the name is left alone"] =
            (() => A.Seen(deployment: Foreign(A.DeploymentOf(A.Service(), A.Model()))),
             new("Failed", "Deployment \"chat\" exists and does not belong", Reasons.NameConflict, Actions: 0, Events: Reasons.NameConflict)),
        ["a foreign Service of the name is left alone"] =
            (() => A.Seen(endpoint: EndpointBuilder.Build(A.Service("a-b"))) with { Service = A.Service("a.b") },
             new("Failed", "Service \"a-b\" exists and does not belong", Reasons.NameConflict, Actions: 0, Events: Reasons.NameConflict)),
        ["metal is served by an agent: nothing is made"] =
            (() => A.Seen(model: A.GpuModel(0, accelerator: Accelerators.Metal)), new("Ready", "agent outside the cluster", Available: true, Actions: 0, Events: Reasons.InferenceReady)),
        ["a service that moves to metal gives its children up"] =
            (() => A.Rolling(1, 1, A.Pod("a", ready: true)) with { Model = A.GpuModel(0, accelerator: Accelerators.Metal), Endpoint = Own(EndpointBuilder.Build(A.Service())) },
             new("Ready", "agent outside the cluster", Available: true, Actions: 2, Events: Reasons.InferenceReady)),
        ["a running service outlives the trouble of its Model"] =
            (() => A.Rolling(1, 1, A.Pod("a", ready: true)) with { Model = Failed("gone") }, new("Progressing", "failed: gone", Available: true, Actions: 1, Events: Reasons.ModelFailed)),
        ["a running service can be stopped while its Model is missing"] =
            (() => A.Rolling(1, 1, A.Pod("a", ready: true)) with { Model = null, Service = A.Service(with: s => s.Replicas = 0) },
             new("Progressing", "Model not found", Available: true, Actions: 2, Events: Reasons.ModelNotFound)),
        ["one pod is left: the budget goes"] =
            (() => A.Rolling(1, 1, A.Pod("a", ready: true)) with { Budget = Own(DisruptionBudgetBuilder.Build(A.Service())) },
             new("Ready", "1 of 1", Available: true, Actions: 3, Events: Reasons.InferenceReady)),
    };

    public static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public void Decide(string story) => Stories[story].Want.AssertDecided(Stories[story].Seen());

    [TestCaseSource(nameof(Names))]
    public void The_same_facts_say_nothing_new_the_second_time(string story) => Want.AssertSaidOnce(Stories[story].Seen());

    [Test]
    public void A_waiting_service_says_what_it_waits_for()
    {
        var waiting = A.Unschedulable("a");
        var status = ServiceDecider.Decide(A.OnGpus(waiting) with { Queue = GpuQueue.Of([waiting, A.Unschedulable("z", "urgent", priority: 100_000)]) }).Status;

        Assert.Multiple(() =>
        {
            Assert.That(status.QueuePosition, Is.EqualTo(2));
            Assert.That(status.WaitingFor, Is.EqualTo("nvidia.com/gpu: 1"));
            Assert.That(status.SchedulingStatus, Is.EqualTo("InsufficientGPU"));
            Assert.That(status.SchedulingMessage, Is.EqualTo("0/3 nodes are available: 3 Insufficient nvidia.com/gpu."));
            Assert.That(status.EffectivePriority, Is.EqualTo(10_000));
        });
    }

    [TestCase(null, null, 10_000)]
    [TestCase("critical", null, 1_000_000)]
    [TestCase("low", "llmkube-high", 100_000)]
    [TestCase("low", "somebody-elses", null)]
    public void Before_there_are_pods_the_priority_is_that_of_our_class(string? priority, string? className, int? expected)
    {
        var status = ServiceDecider.Decide(A.Seen(A.Service(with: s => (s.Priority, s.PriorityClassName) = (priority, className)))).Status;

        Assert.That(status.EffectivePriority, Is.EqualTo(expected));
    }

    [Test]
    public void The_clock_of_Available_moves_when_it_flips_and_only_then()
    {
        var service = A.Service();
        var ready = A.Rolling(1, 1, A.Pod("a", ready: true)) with { Service = service };
        service.Status = ServiceDecider.Decide(ready).Status;
        service.Status = ServiceDecider.Decide(ready with { Now = A.Now.AddMinutes(1) }).Status;
        var kept = service.Status.Conditions.Find(ConditionTypes.Available)!.LastTransitionTime;

        var gone = ServiceDecider.Decide(ready with { Now = A.Now.AddMinutes(2), AllPods = [A.Pod("a")] }).Status.Conditions.Find(ConditionTypes.Available)!;

        Assert.That(kept, Is.EqualTo(A.Now.UtcDateTime));
        Assert.That((gone.Status, gone.LastTransitionTime), Is.EqualTo(("False", A.Now.UtcDateTime.AddMinutes(2))));
    }

    [Test]
    public void Pods_that_fail_after_a_rollout_do_not_make_it_a_rollout_again()
    {
        var service = A.Service();
        var ready = A.Rolling(1, 1, A.Pod("a", ready: true)) with { Service = service };
        service.Status = ServiceDecider.Decide(ready).Status;

        var after = ServiceDecider.Decide(ready with { AllPods = [A.Crashing("a")] }).Status;

        Assert.That(after.Phase, Is.EqualTo("Failed"));
        Assert.That(after.Conditions.Find(ConditionTypes.Progressing)?.Reason, Is.EqualTo(Reasons.RolloutComplete));
    }

    [Test]
    public void A_rollout_that_the_Model_starts_is_one_though_the_spec_is_as_it_was()
    {
        var service = A.Service();
        service.Status = ServiceDecider.Decide(A.Rolling(1, 1, A.Pod("a", ready: true)) with { Service = service }).Status;

        var after = ServiceDecider.Decide(A.Rolling(0, 1, replicas: 1, observed: true, A.Pod("a", ready: true)) with { Service = service }).Status;

        Assert.That((after.Phase, after.Conditions.IsTrue(ConditionTypes.Progressing)), Is.EqualTo(("Progressing", true)));
    }

    [Test]
    public void What_the_API_server_refused_is_said_in_its_words()
    {
        var action = new DesiredAction.Apply(A.Build(A.Service(), A.Model(), null), null);

        var decision = ServiceDecider.Refused(A.Seen(), new ActionFailure(action, new InvalidOperationException("exceeded quota: count/deployments.apps=0")));

        Assert.That(decision.Status.Phase, Is.EqualTo("Failed"));
        Assert.That(decision.Status.Conditions.Find(ConditionTypes.Degraded)?.Message, Is.EqualTo("Failed to apply Deployment chat: exceeded quota: count/deployments.apps=0"));
    }

    private static ServiceSnapshot Refusing(ServiceSnapshot seen)
    {
        seen.Deployment!.Status.Conditions = [new V1DeploymentCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "pods \"chat-5d4f-x8zq2\" is forbidden: exceeded quota" }];
        return seen;
    }

    private static ServiceSnapshot Scaled(ServiceSnapshot seen, string manager, int replicas)
    {
        seen.Deployment!.Spec.Replicas = replicas;
        seen.Deployment.Metadata.ManagedFields = [An.Owner(manager, "Update", "scale", """{"f:spec":{"f:replicas":{}}}""")];
        return seen;
    }

    private static Model Split(params string[] ranges)
    {
        var model = A.GpuModel(2);
        model.Spec.Hardware!.Gpu!.Sharding = new GpuShardingSpec { LayerSplit = ranges };
        return model;
    }

    private static Model Failed(string why)
    {
        var model = A.Model(ModelPhases.Failed);
        model.Status.Conditions = [new V1Condition { Type = ConditionTypes.Degraded, Status = "True", Reason = Reasons.DownloadFailed, Message = why }];
        return model;
    }

    private static Model Edited(Model model)
    {
        model.Metadata.Generation = 2;
        return model;
    }

    private static T Deleting<T>(T it) where T : k8s.IKubernetesObject<V1ObjectMeta>
    {
        it.Metadata.DeletionTimestamp = A.Earlier;
        return it;
    }

    private static T Foreign<T>(T child) where T : k8s.IKubernetesObject<V1ObjectMeta>
    {
        child.Metadata.OwnerReferences = null;
        return child;
    }

    private static T Own<T>(T child) where T : k8s.IKubernetesObject<V1ObjectMeta>
    {
        child.Metadata.Uid = $"uid-of-{child.Metadata.Name}";
        return child;
    }
}
