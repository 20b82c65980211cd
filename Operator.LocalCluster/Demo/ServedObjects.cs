using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace LlmKube.Operator.LocalCluster.Demo;

/// <summary>A Model as far as the demo tells of it.</summary>
[KubernetesEntity(Group = "inference.llmkube.dev", ApiVersion = "v1alpha1", Kind = "Model", PluralName = "models")]
internal sealed class ServedModel : ServedObject
{
    public override string Detail => Status is { Size: { } size, Sha256: { Length: > 12 } sum } ? $"{size}, sha256 {sum[..12]}..." : "";
}

/// <summary>An InferenceService as far as the demo tells of it.</summary>
[KubernetesEntity(Group = "inference.llmkube.dev", ApiVersion = "v1alpha1", Kind = "InferenceService", PluralName = "inferenceservices")]
internal sealed class ServedService : ServedObject
{
    public override string Detail => Status?.Phase is "WaitingForGPU" ? Status.SchedulingMessage ?? "" : Status?.Phase is "Ready" ? Status.Endpoint ?? "" : "";
}

/// <summary>What both kinds have.</summary>
internal abstract class ServedObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("status")]
    public ServedStatus? Status { get; set; }

    /// <summary>What belongs to the phase.</summary>
    [JsonIgnore]
    public abstract string Detail { get; }

    /// <summary>What is wrong, in the operator's words; null if nothing is.</summary>
    [JsonIgnore]
    public string? Trouble => Status?.Conditions?.FirstOrDefault(c => c is { Type: "Degraded" or "NameConflict", Status: "True" }) is { } wrong ? $"{wrong.Reason}: {wrong.Message}" : null;
}

/// <summary>The fields of both statuses that the demo shows.</summary>
internal sealed record ServedStatus
{
    [JsonPropertyName("phase")]
    public string? Phase { get; init; }

    [JsonPropertyName("size")]
    public string? Size { get; init; }

    [JsonPropertyName("sha256")]
    public string? Sha256 { get; init; }

    [JsonPropertyName("endpoint")]
    public string? Endpoint { get; init; }

    [JsonPropertyName("schedulingMessage")]
    public string? SchedulingMessage { get; init; }

    [JsonPropertyName("conditions")]
    public IReadOnlyList<V1Condition>? Conditions { get; init; }
}
