using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace LlmKube.Operator.Entities;

/// <summary>A Model's file in one volume.</summary>
public sealed record ModelCacheStatus
{
    /// <summary>The name of the PersistentVolumeClaim.</summary>
    [Required]
    public string ClaimName { get; set => field = value ?? string.Empty; } = string.Empty;

    /// <summary>The uid of the PersistentVolumeClaim. When the claim of this name is another one, the file counts as absent.</summary>
    public string? ClaimUid { get; set; }

    /// <summary>The phase of the file in this volume, as status.phase has it for the Model.</summary>
    [EnumValues(ModelPhases.Pending, ModelPhases.Downloading, ModelPhases.Copying, ModelPhases.Ready, ModelPhases.Failed)]
    public string? Phase { get; set; }

    /// <summary>The SHA-256 of the file in this volume, in 64 hexadecimal digits.</summary>
    public string? Sha256 { get; set; }

    /// <summary>The state of the file in this volume, one entry per type, as status.conditions has it for the Model.</summary>
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
