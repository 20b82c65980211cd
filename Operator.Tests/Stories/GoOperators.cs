using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What the Go operator (LLMKube) leaves: children by plain writes, with a download in the pod and the model in the selector, and a status without a generation.</summary>
internal static class GoOperators
{
    /// <summary>Its field manager: the name of its binary.</summary>
    public const string Manager = "manager";

    /// <summary>What it says of a Model that it has fetched, or found.</summary>
    public static object StatusOf(Model model) => new
    {
        phase = "Ready",
        size = "4.6 GiB",
        path = PathOf(model),
        cacheKey = CacheKey.Of(model.Spec),
        acceleratorReady = true,
        lastUpdated = "2025-11-03T09:00:00Z",
        conditions = new[] { new { type = "Available", status = "True", reason = "ModelReady", message = "Model downloaded and cached", lastTransitionTime = "2025-11-03T09:00:00Z" } },
    };

    /// <summary>The cache of a namespace.</summary>
    public static V1PersistentVolumeClaim Claim() => new()
    {
        Metadata = new V1ObjectMeta { Name = CacheDefaults.ClaimName },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("100Gi") } },
        },
    };

    /// <summary>The Deployment of a service.</summary>
    /// <param name="owner">The service.</param>
    /// <param name="cached">Its Model, if the weights are in the namespace's cache; null: each pod has its own.</param>
    public static V1Deployment Deployment(InferenceService owner, Model? cached = null)
    {
        var labels = LabelsOf(owner);
        var path = cached is null ? "/models/tiny.gguf" : PathOf(cached);
        V1VolumeMount[] mounts = [new() { Name = "model-storage", MountPath = "/models" }, new() { Name = "custom-certs", MountPath = "/custom-certs", ReadOnlyProperty = true }];
        return new V1Deployment
        {
            Metadata = MetadataOf(owner),
            Spec = new V1DeploymentSpec
            {
                Replicas = 1,
                Selector = new V1LabelSelector { MatchLabels = labels },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = labels },
                    Spec = new V1PodSpec
                    {
                        SecurityContext = new V1PodSecurityContext { FsGroup = 101 },
                        InitContainers = [new V1Container { Name = "model-downloader", Image = "docker.io/curlimages/curl:8.18.0", Command = ["sh", "-c"], Args = [$"curl -f -L -o {path}"], VolumeMounts = mounts }],
                        Containers =
                        [
                            new V1Container
                            {
                                Name = "llama-server",
                                Image = InferenceServiceDefaults.Image,
                                Args = ["--model", path, "--host", "0.0.0.0", "--port", "8000"],
                                Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8000, Protocol = "TCP" }],
                                VolumeMounts = mounts,
                            },
                        ],
                        Volumes =
                        [
                            cached is null
                                ? new V1Volume { Name = "model-storage", EmptyDir = new V1EmptyDirVolumeSource() }
                                : new V1Volume { Name = "model-storage", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = CacheDefaults.ClaimName } },
                            new V1Volume { Name = "custom-certs", ConfigMap = new V1ConfigMapVolumeSource { Name = "certs" } },
                        ],
                    },
                },
            },
        };
    }

    public static V1Service Service(InferenceService owner, int port) => new()
    {
        Metadata = MetadataOf(owner),
        Spec = new V1ServiceSpec
        {
            Type = "ClusterIP",
            Selector = LabelsOf(owner),
            Ports = [new V1ServicePort { Name = "http", Port = port, TargetPort = port, Protocol = "TCP" }],
        },
    };

    private static string PathOf(Model model) => $"{CacheDefaults.MountPath}/{CacheKey.Of(model.Spec)}/model.gguf";

    private static Dictionary<string, string> LabelsOf(InferenceService owner) => new()
    {
        [Labels.App] = owner.Metadata.Name,
        [Labels.Model] = owner.Spec.ModelRef,
        [Labels.Service] = owner.Metadata.Name,
    };

    private static V1ObjectMeta MetadataOf(InferenceService owner) => new()
    {
        Name = owner.Metadata.Name,
        Labels = LabelsOf(owner),
        OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = ApiGroup.NameAndVersion, Kind = InferenceService.KubeKind, Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, Controller = true, BlockOwnerDeletion = true,
            },
        ],
    };
}
