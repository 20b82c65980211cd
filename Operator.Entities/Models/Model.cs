using System.Text.Json.Serialization;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>
/// A Model says where the weights of a language model come from and what hardware they want. The operator fetches the
/// file once per source and namespace, proves that it is complete, reads its GGUF header and keeps it in the namespace's
/// cache volume for all InferenceServices that refer to it.
/// </summary>
[KubernetesEntity(Group = KubeGroup, ApiVersion = KubeApiVersion, Kind = KubeKind, PluralName = KubePluralName)]
[KubernetesEntityShortNames("mdl")]
[EntityScope(EntityScope.Namespaced)]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string")]
[GenericAdditionalPrinterColumn(".status.size", "Size", "string")]
[GenericAdditionalPrinterColumn(".spec.hardware.accelerator", "Accelerator", "string")]
[GenericAdditionalPrinterColumn(".status.gguf.architecture", "Arch", "string", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
public sealed class Model : CustomKubernetesEntity<ModelSpec, ModelStatus>, IJsonOnDeserialized
{
    /// <summary>The API group.</summary>
    public const string KubeGroup = ApiGroup.Name;

    /// <summary>The API version.</summary>
    public const string KubeApiVersion = ApiGroup.Version;

    /// <summary>The kind.</summary>
    public const string KubeKind = "Model";

    /// <summary>The name of the kind in URLs.</summary>
    public const string KubePluralName = "models";

    /// <summary>An object that knows its kind.</summary>
    public Model()
    {
        ApiVersion = ApiGroup.NameAndVersion;
        Kind = KubeKind;
    }

    // Stored under a schema that allowed null; to the operator that is a spec that says nothing.
    void IJsonOnDeserialized.OnDeserialized() => Spec ??= new();
}
