using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What a user says of pods, in whatever form, comes to rest: what the API server makes of it is no difference to what the operator wants.</summary>
public sealed class SaidOfPodsStoryTests
{
    [Test]
    public async Task Everything_that_can_be_said_is_written_once()
    {
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("tiny");
        await cluster.CreateServiceAsync("chat", with: Everything);

        var live = await Eventually.SeeAsync(
            async () => (await cluster.Client.AppsV1.ListNamespacedDeploymentAsync(cluster.Namespace)).Items.SingleOrDefault(), d => d is not null, "a Deployment");

        var service = await cluster.Services.ReadNamespacedAsync<InferenceService>(cluster.Namespace, "chat");
        var model = await cluster.Models.ReadNamespacedAsync<Model>(cluster.Namespace, "tiny");
        var claim = await cluster.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(CacheDefaults.ClaimName, cluster.Namespace);
        var seen = new ServiceSnapshot
        {
            Service = service,
            Model = model,
            Deployment = live,
            Endpoint = null,
            Budget = null,
            AllPods = [],
            Queue = GpuQueue.Empty,
            Claim = claim,
            Now = TimeProvider.System.GetUtcNow(),
        };
        var desired = DeploymentBuilder.Build(service, model, live, WeightsMount.From(model, claim, CacheDefaults.MountPath), RolloutStrategy.SurgeFirst, seen.Options);
        Assert.That(ApplyDiff.FirstDifference(Json(Upgrade.Of(seen, model, desired).Deployment), Json(live!), FieldManagers.Operator), Is.Null);
    }

    private static void Everything(InferenceServiceSpec spec)
    {
        (spec.BatchSize, spec.UBatchSize, spec.NoWarmup, spec.Alias, spec.ExtraArgs) = (1024, 256, true, "qwen", ["--seed", "$(SEED)", ""]);
        spec.Env =
        [
            new V1EnvVar { Name = "SEED", Value = "42" },
            new V1EnvVar { Name = "EMPTY", Value = "" },
            new V1EnvVar { Name = "KEY", ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "keys", Key = "k", Optional = true } } },
            new V1EnvVar { Name = "POD_IP", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "status.podIP" } } },
            new V1EnvVar
            {
                Name = "MEMORY",
                ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "requests.memory", Divisor = new ResourceQuantity("1024Ki") } },
            },
        ];
        spec.ProbeOverrides = new ProbeOverrides
        {
            Startup = new V1Probe { InitialDelaySeconds = 0, PeriodSeconds = 5 },
            Liveness = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "", Port = "http", Scheme = "", HttpHeaders = [] } },
            Readiness = new V1Probe { Grpc = new V1GRPCAction { Port = 8080, Service = "" }, SuccessThreshold = 2 },
        };
        spec.TopologySpreadConstraints =
        [
            new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = "zone", WhenUnsatisfiable = "ScheduleAnyway" },
            new V1TopologySpreadConstraint
            {
                MaxSkew = 2,
                TopologyKey = "rack",
                WhenUnsatisfiable = "ScheduleAnyway",
                LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "chat", ["team"] = "" }, MatchExpressions = [] },
                MatchLabelKeys = [],
            },
        ];
        spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                PreferredDuringSchedulingIgnoredDuringExecution =
                [
                    new V1PreferredSchedulingTerm
                    {
                        Weight = 1,
                        Preference = new V1NodeSelectorTerm
                        {
                            MatchExpressions = [new V1NodeSelectorRequirement { Key = "gpu", OperatorProperty = "Exists", Values = [] }],
                            MatchFields = [],
                        },
                    },
                ],
            },
            PodAntiAffinity = new V1PodAntiAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = [],
                PreferredDuringSchedulingIgnoredDuringExecution =
                [
                    new V1WeightedPodAffinityTerm
                    {
                        Weight = 1,
                        PodAffinityTerm = new V1PodAffinityTerm
                        {
                            TopologyKey = "zone",
                            Namespaces = [],
                            NamespaceSelector = new V1LabelSelector(),
                            LabelSelector = new V1LabelSelector { MatchExpressions = [new V1LabelSelectorRequirement { Key = "app", OperatorProperty = "Exists", Values = [] }] },
                        },
                    },
                ],
            },
        };
        spec.Tolerations = [new V1Toleration { Key = "", OperatorProperty = "Exists", Value = "" }];
        spec.ImagePullSecrets = [new V1LocalObjectReference { Name = "registry" }];
        spec.PodLabels = new Dictionary<string, string> { ["team"] = "" };
        spec.PodAnnotations = new Dictionary<string, string> { ["note"] = "" };
        spec.PodSecurityContext = new V1PodSecurityContext { RunAsUser = 0, SupplementalGroups = [44], Sysctls = [] };
        spec.SecurityContext = new V1SecurityContext { ReadOnlyRootFilesystem = false, Capabilities = new V1Capabilities { Add = ["IPC_LOCK"], Drop = [] } };
        spec.Resources = new InferenceResources { Cpu = "1000m", HostMemory = "65536Mi", EphemeralStorage = "1048576Ki" };
    }

    private static JsonObject Json(object of) => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(of))!;
}
