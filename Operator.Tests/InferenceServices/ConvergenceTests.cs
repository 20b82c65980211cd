using System.Text.Json.Nodes;
using CsCheck;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Reconciling;

namespace LlmKube.Operator.Tests.InferenceServices;

/// <summary>
/// Any sequence of valid edits of the spec, of states of the Model, of pods and of the Deployment: deciding never throws, settles at once, and
/// ends in the same children as a fresh apply of the final spec.
/// </summary>
public sealed class ConvergenceTests
{
    private delegate void Step(Situation situation);

    private static readonly Gen<V1EnvVar> Variables = Gen.Select(Gen.OneOf("A", "B", "C"), Gen.Int[0, 3]).Select((name, kind) => new V1EnvVar
    {
        Name = name,
        Value = kind switch { 0 => "x", 1 => "$(A)", _ => null },
        ValueFrom = kind switch
        {
            2 => new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "keys", Key = name } },
            3 => new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "limits.memory", Divisor = new ResourceQuantity("1024Ki") } },
            _ => null,
        },
    });

    private static readonly Gen<V1Probe?> Probes = Gen.Select(Gen.Int[0, 5], Gen.OneOf<int?>(null, 0, 1, 7)).Select((handler, number) => handler == 0 ? null : new V1Probe
    {
        HttpGet = handler == 1 ? new V1HTTPGetAction { Path = "", Host = "", Port = "http" } : null,
        TcpSocket = handler == 2 ? new V1TCPSocketAction { Port = 8080 } : null,
        Exec = handler == 3 ? new V1ExecAction { Command = ["true", ""] } : null,
        Grpc = handler == 4 ? new V1GRPCAction { Port = 8080, Service = "" } : null,
        InitialDelaySeconds = number,
        PeriodSeconds = number,
        FailureThreshold = number,
    });

    private static readonly Gen<Step> SpecEdits = Gen.OneOf<Step>(
        Edit(Gen.Int[0, 4], (s, v) => s.Replicas = v),
        Edit(Gen.OneOf("tiny", "other", "a.b"), (s, v) => s.ModelRef = v),
        Edit(Gen.OneOf<string?>(null, InferenceServiceDefaults.Image, "registry.example/llama:1"), (s, v) => s.Image = v),
        Edit(Gen.OneOf(80, 8080, 9000), (s, v) => (s.Endpoint ??= new EndpointSpec()).Port = v),
        Edit(Gen.OneOf(ServiceTypes.ClusterIP, ServiceTypes.NodePort, ServiceTypes.LoadBalancer), (s, v) => (s.Endpoint ??= new EndpointSpec()).Type = v),
        Edit(Gen.Int[0, 3], (s, v) => (s.Resources ??= new InferenceResources()).Gpu = v),
        Edit(Gen.OneOf<string?>(null, "1", "1500m", "2e0"), (s, v) => (s.Resources ??= new InferenceResources()).Cpu = v),
        Edit(Gen.OneOf<string?>(null, "1Gi", "1024Mi", "0.5Gi"), (s, v) => (s.Resources ??= new InferenceResources()).Memory = v),
        Edit(Gen.OneOf<int?>(null, 128, 8192), (s, v) => s.ContextSize = v),
        Edit(Gen.OneOf<int?>(null, 1, 4), (s, v) => s.ParallelSlots = v),
        Edit(Gen.Bool, (s, v) => s.FlashAttention = v),
        Edit(Gen.Bool, (s, v) => s.Jinja = v),
        Edit(Gen.OneOf<int?>(null, 512, 2048), (s, v) => s.BatchSize = v),
        Edit(Gen.OneOf<int?>(null, 32, 512), (s, v) => s.UBatchSize = v),
        Edit(Gen.Bool, (s, v) => s.NoWarmup = v),
        Edit(Gen.OneOf<string?>(null, "qwen", "a,b"), (s, v) => s.Alias = v),
        Edit(Gen.OneOf("--seed", "-c", "--metrics", "$(A)", "7").Array[0, 3], (s, v) => s.ExtraArgs = v),
        Edit(Variables.Array[0, 4], (s, v) => s.Env = [.. v.DistinctBy(e => e.Name)]),
        Edit(Gen.OneOf("zone", "host").Array[0, 2], (s, v) => s.TopologySpreadConstraints =
            [.. v.Distinct().Select(k => new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = k, WhenUnsatisfiable = "ScheduleAnyway", LabelSelector = k == "zone" ? null : new V1LabelSelector() })]),
        Edit(Gen.OneOf<string?>(null, "nvidia"), (s, v) => s.RuntimeClassName = v),
        Edit(Gen.OneOf("a", "b").Array[0, 3], (s, v) => s.ImagePullSecrets = [.. v.Select(n => new V1LocalObjectReference { Name = n })]),
        Edit(Gen.OneOf("team", "sidecar.istio.io/inject").Array[0, 2], (s, v) => s.PodLabels = v.Distinct().ToDictionary(k => k, _ => "")),
        Edit(Gen.OneOf("a", "b").Array[0, 2], (s, v) => s.PodAnnotations = v.Distinct().ToDictionary(k => k, _ => "")),
        Edit(Gen.OneOf<long?>(null, 0, 65532), (s, v) => s.PodSecurityContext = v is { } id ? new V1PodSecurityContext { RunAsUser = id, FsGroup = id, SupplementalGroups = [id] } : null),
        Edit(Gen.OneOf<bool?>(null, true, false), (s, v) => s.SecurityContext = v is { } on ? new V1SecurityContext { Privileged = on, Capabilities = new V1Capabilities { Drop = [] } } : null),
        Edit(Gen.OneOf<string?>(null, GpuSharingModes.Exclusive, GpuSharingModes.Shared, GpuSharingModes.Partitioned), (s, v) => (s.Resources ??= new InferenceResources()).GpuSharing = v is null ? null : new GpuSharingSpec
        {
            Mode = v,
            Profile = v == GpuSharingModes.Partitioned ? "1g.5gb" : null,
            MemoryLimitGiB = v == GpuSharingModes.Shared ? 8 : null,
        }),
        Edit(Gen.OneOf<string?>(null, "64Gi"), (s, v) => (s.Resources ??= new InferenceResources()).HostMemory = v),
        Edit(Gen.OneOf<string?>(null, "20Gi", "20480Mi"), (s, v) => (s.Resources ??= new InferenceResources()).EphemeralStorage = v),
        Edit(Gen.OneOf<int?>(null, 10, 95, 3600), (s, v) => s.StartupTimeoutSeconds = v),
        Edit(Gen.OneOf<int?>(null, 0, 300), (s, v) => s.DrainTimeoutSeconds = v),
        Edit(Gen.OneOf<string?>(null, DrainModes.Idle, DrainModes.Sleep), (s, v) => s.DrainMode = v),
        Edit(Probes, (s, v) => (s.ProbeOverrides ??= new ProbeOverrides()).Startup = v),
        Edit(Probes, (s, v) => (s.ProbeOverrides ??= new ProbeOverrides()).Liveness = v),
        Edit(Probes, (s, v) => (s.ProbeOverrides ??= new ProbeOverrides()).Readiness = v),
        Edit(Gen.OneOf<string?>(null, "critical", "batch"), (s, v) => s.Priority = v),
        Edit(Gen.OneOf<string?>(null, "", "ours"), (s, v) => s.PriorityClassName = v),
        Edit(Gen.OneOf("a", "b").Array[0, 2], (s, v) => s.NodeSelector = v.Distinct().ToDictionary(k => k, k => k)),
        Edit(Gen.OneOf("a", "b").Array[0, 2], (s, v) => s.Tolerations = [.. v.Select(k => new V1Toleration { Key = k, OperatorProperty = "Exists" })]));

    private static readonly Gen<Step> ModelStates = Gen.OneOf<Step>(
        Gen.OneOf(ModelPhases.Pending, ModelPhases.Downloading, ModelPhases.Ready, ModelPhases.Ready, ModelPhases.Failed).Select(p => (Step)(s => s.Model.Status.Phase = p)),
        Gen.OneOf(Accelerators.Cpu, Accelerators.Cuda, Accelerators.Rocm, Accelerators.Metal).Select(a => (Step)(s => s.Model.Spec.Hardware = new HardwareSpec { Accelerator = a, Gpu = s.Model.Spec.Hardware?.Gpu })),
        Gen.Int[0, 3].Select(n => (Step)(s => s.Model.Spec.Hardware = new HardwareSpec { Accelerator = s.Model.Spec.Hardware?.Accelerator, Gpu = new GpuSpec { Count = n } })),
        Gen.Select(Gen.OneOf<string?>(null, GpuVendors.Amd, GpuVendors.Intel), Gen.OneOf<string?>(null, "example.com/gpu"), Gen.OneOf<string?>(null, GpuRuntimes.Vulkan)).Select((vendor, resource, runtime) =>
            (Step)(s => s.Model.Spec.Hardware = new HardwareSpec { Accelerator = s.Model.Spec.Hardware?.Accelerator, Gpu = new GpuSpec { Count = 1, Vendor = vendor, ResourceName = resource, TolerationKey = resource is null ? null : "example.com/taint", Runtime = runtime } })));

    private static readonly Gen<V1Pod> Pods = Gen.Select(Gen.Int[0, 6], Gen.Int[1, 9]).Select((state, n) => state switch
    {
        0 => A.Pod($"p{n}", ready: true),
        1 => A.Pod($"p{n}"),
        2 => A.Unschedulable($"p{n}"),
        3 => A.Unschedulable($"p{n}", words: "0/1 nodes are available: 1 Insufficient memory."),
        4 => A.Crashing($"p{n}", message: n > 5 ? "failed to load model" : null),
        5 => A.Waiting($"p{n}", "ErrImagePull"),
        _ => new V1Pod { Metadata = new V1ObjectMeta { Name = $"p{n}", NamespaceProperty = A.Namespace, Uid = $"p{n}" } },
    });

    private static readonly Gen<Step> ClusterStates = Gen.OneOf<Step>(
        Pods.Array[0, 4].Select(pods => (Step)(s => s.Pods = pods)),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 1]).Select((replicas, updated, ready, lag) => (Step)(s => s.World.Edit("Deployment", "chat", d => d["status"] = new JsonObject
        {
            ["observedGeneration"] = (long)d["metadata"]!["generation"]! - lag,
            ["replicas"] = replicas,
            ["updatedReplicas"] = updated,
            ["readyReplicas"] = ready,
        }))));

    private static readonly Gen<Step[]> Histories = Gen.Frequency<Step>((5, (IGen<Step>)SpecEdits), (2, ModelStates), (3, ClusterStates)).Array[1, 12];

    [Test]
    public void Any_history_ends_in_the_children_of_a_fresh_apply() => Histories.Sample(
        history =>
        {
            var lived = new Situation();
            foreach (var step in history)
            {
                step(lived);
                lived.Service.Metadata.Generation++;
                lived.Reconcile();
                lived.AssertSettled();
            }

            // A mode that the GPUs of the Model don't have leaves what runs as it is.
            if (ServiceSpecValidator.Validate(lived.Model.Spec, lived.Service.Spec).Count > 0) lived.Service.Spec.Resources!.GpuSharing = null;
            lived.Model.Status.Phase = ModelPhases.Ready;
            lived.EndRollout();
            lived.Reconcile();
            lived.AssertSettled();
            var fresh = new Situation { Service = Copy(lived.Service), Model = lived.Model };
            fresh.Service.Status = new InferenceServiceStatus();
            fresh.Reconcile();

            Assert.That(lived.Children(), Is.EqualTo(fresh.Children()));
        },
        iter: 400);

    private static Gen<Step> Edit<T>(Gen<T> values, Action<InferenceServiceSpec, T> set) => values.Select(v => (Step)(s => set(s.Service.Spec, v)));

    private static InferenceService Copy(InferenceService service) => KubernetesJson.Deserialize<InferenceService>(KubernetesJson.Serialize(service));

    private sealed class Situation
    {
        public AppliedWorld World { get; } = new();
        public InferenceService Service { get; init; } = A.Service();
        public Model Model { get; init; } = A.Model();
        public IReadOnlyList<V1Pod> Pods { get; set; } = [];

        public void Reconcile()
        {
            World.Run(ServiceDecider.Decide(Seen()).Actions);
            Service.Status = ServiceDecider.Decide(Seen()).Status;
        }

        // While one is under way, how pods are replaced follows from what has become of it.
        public void EndRollout()
        {
            if (World.Find<V1Deployment>("Deployment", "chat") is not { } there) return;
            World.Edit("Deployment", "chat", d => d["status"] = new JsonObject
            {
                ["observedGeneration"] = there.Metadata.Generation,
                ["replicas"] = there.Spec.Replicas,
                ["updatedReplicas"] = there.Spec.Replicas,
                ["readyReplicas"] = there.Spec.Replicas,
            });
        }

        public void AssertSettled()
        {
            var again = ServiceDecider.Decide(Seen());
            Assert.That(World.Run(again.Actions), Is.Empty, "a second reconcile has nothing to do");
            Assert.That(StatusWriter.Same(Service.Status, again.Status), Is.True, "and nothing to say");
        }

        public string Children() => string.Join("\n", World.Content("Deployment", "chat"), World.Content("Service", "chat"), World.Content("PodDisruptionBudget", "chat"));

        private ServiceSnapshot Seen() => A.Seen(
            Service, Model, deployment: World.Find<V1Deployment>("Deployment", "chat"), endpoint: World.Find<V1Service>("Service", "chat"),
            budget: World.Find<V1PodDisruptionBudget>("PodDisruptionBudget", "chat"), pods: Pods);
    }
}
