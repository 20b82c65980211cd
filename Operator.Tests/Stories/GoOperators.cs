using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Children as the Go operator (LLMKube) makes them: by plain writes, with a download in the pod and the model in the selector.</summary>
internal static class GoOperators
{
    /// <summary>Its field manager: the name of its binary.</summary>
    public const string Manager = "manager";

    public static V1Deployment Deployment(InferenceService owner)
    {
        var labels = LabelsOf(owner);
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
                        InitContainers = [new V1Container { Name = "model-downloader", Image = "docker.io/curlimages/curl:8.18.0", Command = ["sh", "-c"], Args = ["curl -f -L -o /models/tiny.gguf"], VolumeMounts = mounts }],
                        Containers =
                        [
                            new V1Container
                            {
                                Name = "llama-server",
                                Image = InferenceServiceDefaults.Image,
                                Args = ["--model", "/models/tiny.gguf", "--host", "0.0.0.0", "--port", "8000"],
                                Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8000, Protocol = "TCP" }],
                                VolumeMounts = mounts,
                            },
                        ],
                        Volumes =
                        [
                            new V1Volume { Name = "model-storage", EmptyDir = new V1EmptyDirVolumeSource() },
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
