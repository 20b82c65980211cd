using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Benchmarks.Micro;

/// <summary>A Ready pair with its children, as the API server has them.</summary>
internal static class Samples
{
    private const string Namespace = "team";
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Model Model { get; } = new()
    {
        Metadata = new V1ObjectMeta { Name = "llama", NamespaceProperty = Namespace, Uid = "uid-of-llama", Generation = 1 },
        Spec = new ModelSpec { Source = "https://models.example/llama.gguf" },
        Status = new ModelStatus
        {
            Phase = ModelPhases.Ready,
            ObservedGeneration = 1,
            CacheKey = CacheKey.Of("https://models.example/llama.gguf"),
            CacheClaimUid = "uid-of-claim",
            Sha256 = new string('a', 64),
            SizeBytes = 4_939_212_390,
        },
    };

    public static InferenceService Service { get; } = new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = Namespace, Uid = "uid-of-chat", Generation = 1, CreationTimestamp = s_now.UtcDateTime },
        Spec = new InferenceServiceSpec { ModelRef = "llama", Resources = new InferenceResources { Gpu = 1 } },
    };

    public static V1PersistentVolumeClaim Claim { get; } = MakeClaim();

    public static V1Deployment Deployment() => DeploymentBuilder.Build(Service, Model, null, WeightsMount.From(Model, Claim, CacheDefaults.MountPath), RolloutStrategy.SurgeFirst, new OperatorOptions());

    public static ModelSnapshot SeenModel() =>
        new() { Model = Model, Claim = Claim, Job = null, Pods = [], Strays = [], Siblings = [], Services = [Service], Image = "operator:1", Options = new OperatorOptions(), Now = s_now };

    public static ServiceSnapshot SeenService()
    {
        var seen = new ServiceSnapshot
        {
            Service = Service,
            Model = Model,
            Claim = Claim,
            Deployment = null,
            Endpoint = EndpointBuilder.Build(Service),
            Budget = null,
            AllPods =
            [
                new V1Pod
                {
                    Metadata = new V1ObjectMeta { Name = "chat-0", NamespaceProperty = Namespace, Uid = "uid-of-pod" },
                    Spec = new V1PodSpec { NodeName = "node", Containers = [] },
                    Status = new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = "True" }] },
                },
            ],
            Queue = GpuQueue.Empty,
            Now = s_now,
        };
        var deployment = Upgrade.Of(seen, Model, Deployment()).Deployment;
        (deployment.Metadata.Uid, deployment.Metadata.Generation) = ("uid-of-deployment", 1);
        deployment.Status = new V1DeploymentStatus { ObservedGeneration = 1, Replicas = 1, UpdatedReplicas = 1, ReadyReplicas = 1 };
        return seen with { Deployment = deployment };
    }

    private static V1PersistentVolumeClaim MakeClaim()
    {
        var claim = CacheClaimBuilder.Build(Namespace, new OperatorOptions());
        claim.Metadata.Uid = "uid-of-claim";
        return claim;
    }
}
