using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Volumes;

/// <summary>Makes the volume that a claim asks for.</summary>
internal static class VolumeBuilder
{
    /// <param name="claim">Who asks.</param>
    /// <param name="storage">Its class.</param>
    /// <param name="node">The first consumer's node, if the class waits for one.</param>
    /// <param name="folder">Where volumes live as folders.</param>
    public static V1PersistentVolume Build(V1PersistentVolumeClaim claim, V1StorageClass storage, V1Node? node, string folder)
    {
        var name = $"pvc-{claim.Metadata.Uid}";
        return new()
        {
            Metadata = new()
            {
                Name = name,
                Annotations = new Dictionary<string, string> { ["pv.kubernetes.io/provisioned-by"] = storage.Provisioner },
                Finalizers = [VolumeController.Protection],
            },
            Spec = new()
            {
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
                AccessModes = claim.Spec.AccessModes,
                VolumeMode = claim.Spec.VolumeMode ?? "Filesystem",
                StorageClassName = storage.Metadata.Name,
                PersistentVolumeReclaimPolicy = storage.ReclaimPolicy ?? "Delete",
                HostPath = new() { Path = PathOf(name, folder), Type = "DirectoryOrCreate" },
                ClaimRef = Reference(claim),
                NodeAffinity = node is null || IsShared(claim) ? null : OnNode(node),
            },
        };
    }

    /// <summary>The folder that a volume of this name is.</summary>
    public static string PathOf(string name, string folder) => $"{folder}/{name}";

    public static V1ObjectReference Reference(V1PersistentVolumeClaim claim) => new()
    {
        ApiVersion = "v1",
        Kind = "PersistentVolumeClaim",
        NamespaceProperty = claim.Metadata.NamespaceProperty,
        Name = claim.Metadata.Name,
        Uid = claim.Metadata.Uid,
        ResourceVersion = claim.Metadata.ResourceVersion,
    };

    private static bool IsShared(V1PersistentVolumeClaim claim) => claim.Spec.AccessModes?.Any(m => m is "ReadWriteMany" or "ReadOnlyMany") == true;

    private static V1VolumeNodeAffinity OnNode(V1Node node) => new()
    {
        Required = new()
        {
            NodeSelectorTerms =
            [
                new()
                {
                    MatchExpressions =
                    [
                        new() { Key = VolumeMatching.Hostname, OperatorProperty = "In", Values = [node.Label(VolumeMatching.Hostname) ?? node.Metadata.Name] },
                    ],
                },
            ],
        },
    };
}
