using k8s;
using k8s.Models;

namespace LlmKube.Operator.Benchmarks.Scale;

/// <summary>Of an object only what a run wants to know.</summary>
internal abstract class SeenObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public SeenStatus? Status { get; set; }
}

/// <summary>Of a status only its phase.</summary>
internal sealed class SeenStatus
{
    public string? Phase { get; set; }
}

/// <summary>A Model.</summary>
[KubernetesEntity(Group = "inference.llmkube.dev", ApiVersion = "v1alpha1", Kind = "Model", PluralName = "models")]
internal sealed class SeenModel : SeenObject;

/// <summary>An InferenceService.</summary>
[KubernetesEntity(Group = "inference.llmkube.dev", ApiVersion = "v1alpha1", Kind = "InferenceService", PluralName = "inferenceservices")]
internal sealed class SeenInferenceService : SeenObject;

/// <summary>A Deployment.</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "Deployment", PluralName = "deployments")]
internal sealed class SeenDeployment : SeenObject;

/// <summary>A Service.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Service", PluralName = "services")]
internal sealed class SeenService : SeenObject;

/// <summary>A Job.</summary>
[KubernetesEntity(Group = "batch", ApiVersion = "v1", Kind = "Job", PluralName = "jobs")]
internal sealed class SeenJob : SeenObject;

/// <summary>A claim.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "PersistentVolumeClaim", PluralName = "persistentvolumeclaims")]
internal sealed class SeenClaim : SeenObject;
