using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>Builds the cache claim of a namespace. No Model owns it: it outlives each of them.</summary>
internal static class CacheClaimBuilder
{
    /// <summary>The claim as it is created. One that exists is used as it is.</summary>
    public static V1PersistentVolumeClaim Build(string @namespace, OperatorOptions options) => new()
    {
        ApiVersion = "v1",
        Kind = V1PersistentVolumeClaim.KubeKind,
        Metadata = new V1ObjectMeta
        {
            Name = CacheDefaults.ClaimName,
            NamespaceProperty = @namespace,
            Labels = new Dictionary<string, string>
            {
                [Labels.Managed] = Managed.Value,
                [Labels.ManagedBy] = FieldManagers.Operator,
            },
        },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = [options.ModelCacheAccessMode],
            StorageClassName = options.ModelCacheStorageClass is { Length: > 0 } named ? named : null,
            Resources = new V1VolumeResourceRequirements
            {
                Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new(options.ModelCacheSize) },
            },
        },
    };
}
