using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>The children of representative services, whole, as they are sent to the API server.</summary>
public sealed class GoldenChildrenTests
{
    private static readonly Dictionary<string, (InferenceService Service, Model Model, V1Deployment? Observed)> Services = new()
    {
        ["cpu"] = (A.Service(), A.Model(), null),
        ["cpu-with-everything"] = (A.Service("everything", Everything), A.Model(with: m => m.Resources = new ModelResources { Cpu = "8", Memory = "64Gi" }), null),
        ["one-gpu"] = (A.Service("gpu", s => s.FlashAttention = true), A.GpuModel(), null),
        ["packed-cache-on-chosen-nodes"] = (A.Service("chosen", Chosen), A.GpuModel(), null),
        ["tuned"] = (A.Service("tuned", Tuned), A.GpuModel(), null),
        ["pods-as-users-want-them"] = (A.Service("wanted", PodsOf), A.Model(with: m => m.Resources = new ModelResources { Memory = "8Gi" }), null),
        ["two-gpus-split"] = (A.Service("pair", s => (s.Replicas, s.Priority) = (2, "high")), A.GpuModel(2), null),
        ["two-gpus-by-rows-unequal"] =
            (A.Service("rows"), A.Model(with: m => m.Hardware = Sharded(new GpuShardingSpec { Strategy = ShardingStrategies.Tensor, LayerSplit = ["0-19", "20-29"] })), null),
        ["load-balancer"] = (A.Service("public", s => s.Endpoint = new EndpointSpec { Type = ServiceTypes.LoadBalancer, Path = "v1" }), A.Model(), null),
        ["amd"] = (A.Service("amd"), A.GpuModel(vendor: "nvidia", accelerator: Accelerators.Rocm), null),
        ["intel"] = (A.Service("intel", s => s.Image = InferenceServiceDefaults.Image), A.GpuModel(vendor: GpuVendors.Intel), null),
        ["mig"] = (A.Service("mig", Sharing(GpuSharingModes.Partitioned, s => s.Profile = "1g.10gb")), A.GpuModel(), null),
        ["shared-gpu"] = (A.Service("shared", Sharing(GpuSharingModes.Shared, s => s.MemoryLimitGiB = 8)), A.GpuModel(), null),
        ["vulkan"] = (A.Service("vulkan"), A.Model(with: m => m.Hardware = new HardwareSpec { Gpu = new GpuSpec { Count = 1, Vendor = GpuVendors.Amd, Runtime = GpuRuntimes.Vulkan } }), null),
        ["ephemeral"] = (A.Service("ephemeral", s => s.ModelCache = new ModelCacheSpec { Persistence = CachePersistences.Ephemeral }), A.Model(), null),
        ["externally-scaled"] = (A.Service("scaled", s => s.Replicas = 2), A.Model(), ScaledDeployment(5)),
        ["read-write-once-pair"] = (A.Service("once", s => s.Replicas = 2), A.Model(), null),
        ["metal"] = (A.Service("metal"), A.GpuModel(0, accelerator: Accelerators.Metal), null),
        ["own-image-on-gpu"] = (A.Service("own", s => s.Image = "registry.example/llama:1"), A.GpuModel(), null),
        ["awkward-name"] = (A.Service("7b.an-inference-service-with-a-name-that-is-far-longer-than-the-63-characters-of-a-label"), A.Model(), null),
        ["older-selector-kept"] = (A.Service("older", s => s.ModelRef = "newer"), A.Model(), OlderDeployment()),
        ["low-port-node-port"] = (A.Service("edge", s => s.Endpoint = new EndpointSpec { Port = 80, Path = "/v1", Type = ServiceTypes.NodePort }), A.Model(), null),
        ["stopped"] = (A.Service("stopped", s => s.Replicas = 0), A.Model(), null),
    };

    public static IEnumerable<string> Names => Services.Keys;

    [TestCaseSource(nameof(Names))]
    public void Children_look_like_this(string name)
    {
        var (service, model, observed) = Services[name];
        var seen = A.Seen(service, model, deployment: observed);

        var children = ServiceDecider.Decide(seen).Actions.Cast<DesiredAction.Apply>().Select(a => KubernetesYaml.Serialize(a.Desired));

        Golden.Match($"InferenceServices/{name}.yaml", string.Join("---\n", children.Select(c => c.ReplaceLineEndings("\n").TrimEnd() + "\n").DefaultIfEmpty("# None.\n")));
    }

    private static void Everything(InferenceServiceSpec spec)
    {
        spec.Replicas = 3;
        spec.Resources = new InferenceResources { Cpu = "2500m", Memory = "16Gi" };
        spec.ContextSize = 8192;
        spec.ParallelSlots = 4;
        spec.FlashAttention = true;
        spec.Jinja = true;
        spec.PriorityClassName = "ours";
        spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "fast" };
        spec.Tolerations = [new V1Toleration { Key = "dedicated", OperatorProperty = "Equal", Value = "llm", Effect = "NoSchedule" }];
    }

    private static void Tuned(InferenceServiceSpec spec)
    {
        (spec.ContextSize, spec.BatchSize, spec.UBatchSize, spec.NoWarmup, spec.Alias) = (8192, 4096, 1024, true, "qwen");
        spec.ExtraArgs = ["-c", "16384", "--seed", "$(SEED)"];
        spec.Env =
        [
            new V1EnvVar { Name = "LLAMA_API_KEY", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "keys", Key = "api-key" } } },
            new V1EnvVar { Name = "SEED", Value = "42" },
        ];
    }

    internal static void PodsOf(InferenceServiceSpec spec)
    {
        (spec.RuntimeClassName, spec.ImagePullSecrets) = ("kata", [new V1LocalObjectReference { Name = "registry" }, new V1LocalObjectReference { Name = "registry" }]);
        spec.TopologySpreadConstraints = [new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = "topology.kubernetes.io/zone", WhenUnsatisfiable = "ScheduleAnyway" }];
        spec.PodLabels = new Dictionary<string, string> { ["team"] = "red" };
        spec.PodAnnotations = new Dictionary<string, string> { ["sidecar.istio.io/inject"] = "false" };
        spec.PodSecurityContext = new V1PodSecurityContext { RunAsNonRoot = true, RunAsUser = 1000, SupplementalGroups = [44, 109] };
        spec.SecurityContext = new V1SecurityContext { ReadOnlyRootFilesystem = true, Capabilities = new V1Capabilities { Add = ["IPC_LOCK"] } };
        spec.Resources = new InferenceResources { Memory = "4Gi", HostMemory = "64Gi", EphemeralStorage = "20Gi" };
        spec.Endpoint = new EndpointSpec { Port = 443 };
    }

    private static void Chosen(InferenceServiceSpec spec)
    {
        (spec.FlashAttention, spec.CacheTypeK, spec.CacheTypeV) = (true, CacheTypes.Q80, CacheTypes.Q40);
        spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
                {
                    NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [new V1NodeSelectorRequirement { Key = "zone", OperatorProperty = "In", Values = ["a", "b"] }] }],
                },
            },
        };
    }

    private static Action<InferenceServiceSpec> Sharing(string mode, Action<GpuSharingSpec> with) => s =>
    {
        s.Resources = new InferenceResources { Gpu = 1, GpuSharing = new GpuSharingSpec { Mode = mode } };
        with(s.Resources.GpuSharing);
    };

    private static HardwareSpec Sharded(GpuShardingSpec sharding) => new()
    {
        Accelerator = Accelerators.Cuda,
        Gpu = new GpuSpec { Count = 2, Layers = 30, Sharding = sharding },
    };

    private static V1Deployment ScaledDeployment(int replicas)
    {
        var deployment = A.DeploymentOf(A.Service("scaled", s => s.Replicas = 2), A.Model());
        deployment.Spec.Replicas = replicas;
        deployment.Metadata.ManagedFields = [An.Owner("horizontal-pod-autoscaler", "Update", "scale", """{"f:spec":{"f:replicas":{}}}""")];
        return deployment;
    }

    private static V1Deployment OlderDeployment()
    {
        var service = A.Service("older");
        var deployment = A.DeploymentOf(service, A.Model());
        deployment.Spec.Selector.MatchLabels = new Dictionary<string, string> { [Labels.App] = "older", [Labels.Model] = "tiny", [Labels.Service] = "older" };
        return deployment;
    }
}
