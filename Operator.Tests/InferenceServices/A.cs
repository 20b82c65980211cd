using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>Builds entries of metadata.managedFields.</summary>
internal static class An
{
    public static V1ManagedFieldsEntry Owner(string manager, string operation, string? subresource, string fields) => new()
    {
        Manager = manager,
        Operation = operation,
        Subresource = subresource,
        ApiVersion = "apps/v1",
        FieldsType = "FieldsV1",
        FieldsV1 = System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(fields),
    };
}

/// <summary>Builds objects for stories: everything that a story doesn't name is ordinary.</summary>
internal static class A
{
    public const string Namespace = "team";
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTime Earlier = new(2026, 3, 1, 11, 0, 0, DateTimeKind.Utc);

    public static InferenceService Service(string name = "chat", Action<InferenceServiceSpec>? with = null, string? uid = null)
    {
        var spec = new InferenceServiceSpec { ModelRef = "tiny" };
        with?.Invoke(spec);
        return new InferenceService
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = Namespace, Uid = uid ?? $"uid-of-{name}", Generation = 1, CreationTimestamp = Earlier },
            Spec = spec,
        };
    }

    public static Model Model(string? phase = ModelPhases.Ready, Action<ModelSpec>? with = null)
    {
        var spec = new ModelSpec { Source = "https://models.example/tiny.gguf" };
        with?.Invoke(spec);
        return new Model
        {
            Metadata = new V1ObjectMeta { Name = "tiny", NamespaceProperty = Namespace, Uid = "uid-of-model", Generation = 1 },
            Spec = spec,
            Status = new ModelStatus { Phase = phase, ObservedGeneration = phase is null ? null : 1, Path = "/models/089f4e2d47e94afb/model.gguf" },
        };
    }

    public static Model GpuModel(int count = 1, string? vendor = null, string? accelerator = Accelerators.Cuda) =>
        Model(with: m => m.Hardware = new HardwareSpec { Accelerator = accelerator, Gpu = new GpuSpec { Enabled = true, Count = count, Vendor = vendor } });

    /// <summary>The cache claim of the namespace.</summary>
    public static V1PersistentVolumeClaim Claim(string name = CacheDefaults.ClaimName, params string[] modes)
    {
        var claim = CacheClaimBuilder.Build(Namespace, new OperatorOptions());
        (claim.Metadata.Name, claim.Metadata.Uid) = (name, $"uid-of-{name}");
        if (modes.Length > 0) claim.Spec.AccessModes = modes;
        return claim;
    }

    /// <summary>The Deployment that the service gets on the namespace's claim.</summary>
    public static V1Deployment Build(InferenceService service, Model model, V1Deployment? observed = null) =>
        DeploymentBuilder.Build(service, model, observed, WeightsMount.From(model, Claim(), CacheDefaults.MountPath), RolloutStrategy.SurgeFirst, new OperatorOptions());

    /// <summary>The Deployment that the service gets, with a status.</summary>
    public static V1Deployment DeploymentOf(InferenceService service, Model model, int updated = 0, int ready = 0, int? replicas = null, bool observed = true)
    {
        var deployment = Build(service, model);
        deployment.Metadata.Uid = "uid-of-deployment";
        deployment.Metadata.Generation = 3;
        deployment.Metadata.ResourceVersion = "7";
        deployment.Status = new V1DeploymentStatus
        {
            ObservedGeneration = observed ? 3 : 2,
            Replicas = replicas ?? updated,
            UpdatedReplicas = updated,
            ReadyReplicas = ready,
        };
        return deployment;
    }

    /// <summary>A service with its Deployment in a rollout of which so many pods are updated and ready.</summary>
    public static ServiceSnapshot Rolling(int updated, int ready, params V1Pod[] pods) => Rolling(updated, ready, null, true, pods);

    public static ServiceSnapshot Rolling(int updated, int ready, int? replicas = null, bool observed = true, params V1Pod[] pods) =>
        Seen(deployment: DeploymentOf(Service(), Model(), updated, ready, replicas, observed), pods: pods);

    /// <summary>The same on a GPU.</summary>
    public static ServiceSnapshot OnGpus(params V1Pod[] pods)
    {
        var model = GpuModel();
        return Seen(model: model, deployment: DeploymentOf(Service(), model, pods.Length), pods: pods);
    }

    /// <summary>The pod, its container begun once more.</summary>
    public static V1Pod Restarted(V1Pod pod)
    {
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Running = new V1ContainerStateRunning() };
        return pod;
    }

    public static V1Pod Pod(string name, string service = "chat", bool ready = false, string @namespace = Namespace) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = @namespace,
            Uid = $"uid-of-{@namespace}-{name}",
            CreationTimestamp = Earlier,
            Labels = new Dictionary<string, string> { [Labels.Service] = ServiceNames.Child(service), [Labels.Managed] = "true" },
        },
        Spec = new V1PodSpec { NodeName = "node-1", Containers = [new V1Container { Name = DeploymentBuilder.Container, Image = "image:1" }] },
        Status = new V1PodStatus
        {
            Phase = "Running",
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = [Container(ready)],
        },
    };

    public static V1Pod Unschedulable(
        string name, string service = "chat", string words = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", int? priority = 10_000, int waitingMinutes = 5, string @namespace = Namespace)
    {
        var pod = Pod(name, service, @namespace: @namespace);
        pod.Spec.NodeName = null;
        pod.Spec.Priority = priority;
        pod.Spec.Containers[0].Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("1") } };
        pod.Status = new V1PodStatus
        {
            Phase = "Pending",
            Conditions =
            [
                new V1PodCondition
                {
                    Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = words, LastTransitionTime = Now.UtcDateTime.AddMinutes(-waitingMinutes),
                },
            ],
        };
        return pod;
    }

    public static V1Pod Crashing(string name, int exitCode = 1, string? reason = "Error", string? message = null, int restarts = 3)
    {
        var pod = Pod(name);
        pod.Status.ContainerStatuses =
        [
            new V1ContainerStatus
            {
                Name = DeploymentBuilder.Container,
                Image = "image:1",
                RestartCount = restarts,
                State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "CrashLoopBackOff", Message = "back-off 40s restarting failed container" } },
                LastState = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, Reason = reason, Message = message } },
            },
        ];
        return pod;
    }

    /// <summary>A pod that has had its node for so long, and whose containers have not begun.</summary>
    public static V1Pod Made(string name, int seconds)
    {
        var pod = Waiting(name, "ContainerCreating");
        pod.Status.Phase = "Pending";
        pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = Now.UtcDateTime.AddSeconds(-seconds) }];
        return pod;
    }

    /// <summary>An Event of a pod.</summary>
    public static Corev1Event PodEvent(string reason, string message, int minutesAgo = 1) => new() { Reason = reason, Message = message, Type = "Warning", LastTimestamp = Now.UtcDateTime.AddMinutes(-minutesAgo) };

    public static V1Pod Waiting(string name, string reason, string? message = null)
    {
        var pod = Pod(name);
        pod.Status.ContainerStatuses =
        [
            new V1ContainerStatus
            {
                Name = DeploymentBuilder.Container,
                Image = "nowhere/image:1",
                State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } },
            },
        ];
        return pod;
    }

    public static ServiceSnapshot Seen(
        InferenceService? service = null,
        Model? model = null,
        bool noModel = false,
        V1Deployment? deployment = null,
        V1Service? endpoint = null,
        V1PodDisruptionBudget? budget = null,
        IReadOnlyList<V1Pod>? pods = null,
        IEnumerable<V1Pod>? others = null) => new()
        {
            Service = service ?? Service(),
            Model = noModel ? null : model ?? Model(),
            Claim = Claim(),
            Image = "llmkube-operator:1",
            Deployment = deployment,
            Endpoint = endpoint,
            Budget = budget,
            AllPods = pods ?? [],
            Queue = GpuQueue.Of([.. pods ?? [], .. others ?? []]),
            Now = Now,
        };

    private static V1ContainerStatus Container(bool ready) => new()
    {
        Name = DeploymentBuilder.Container,
        Image = "image:1",
        Ready = ready,
        State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = Earlier } },
    };
}
