using System.Text.Json.Serialization;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>
/// An InferenceService serves a Model over an OpenAI-compatible HTTP API. The operator waits until the Model is ready, runs
/// llama.cpp server pods on the right hardware, puts a Service in front of them and says in the status how they are.
/// </summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
[KubernetesEntityShortNames("isvc")]
[EntityScope(EntityScope.Namespaced)]
[ScaleSubresource(".spec.replicas", ".status.replicas", ".status.selector")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".spec.modelRef", "Model", "string")]
[GenericAdditionalPrinterColumn(".status.readyReplicas", "Replicas", "integer")]
[GenericAdditionalPrinterColumn(".status.schedulingStatus", "Reason", "string", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".status.queuePosition", "Queue", "integer", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".spec.priority", "Priority", "string", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".status.endpoint", "Endpoint", "string")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class InferenceService : CustomKubernetesEntity<InferenceServiceSpec, InferenceServiceStatus>, IJsonOnDeserialized
{
    /// <summary>The API group.</summary>
    public const string KubeGroup = ApiGroup.Name;

    /// <summary>The API version.</summary>
    public const string KubeApiVersion = ApiGroup.Version;

    /// <summary>The kind.</summary>
    public const string KubeKind = "InferenceService";

    /// <summary>The name of the kind in URLs.</summary>
    public const string KubePluralName = "inferenceservices";

    /// <summary>An object that knows its kind.</summary>
    public InferenceService()
    {
        ApiVersion = ApiGroup.NameAndVersion;
        Kind = KubeKind;
    }

    // Stored under a schema that allowed null; to the operator that is a spec that says nothing.
    void IJsonOnDeserialized.OnDeserialized() => Spec ??= new();
}
