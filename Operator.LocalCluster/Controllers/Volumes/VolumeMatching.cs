using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Watching;

namespace LlmKube.Operator.LocalCluster.Controllers.Volumes;

/// <summary>Which volume serves which claim, and where a volume can be reached.</summary>
internal static class VolumeMatching
{
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string Hostname = "kubernetes.io/hostname";

    /// <summary>
    /// The storage class that a claim is of; empty for none. One that names none is of the newest that is marked as default: admission
    /// writes that into it, unless there was no such class then or the server has no such admission.
    /// </summary>
    public static string ClassOf(V1PersistentVolumeClaim claim, IEnumerable<V1StorageClass> classes) => claim.Spec.StorageClassName ?? classes
        .Where(c => c.Annotation("storageclass.kubernetes.io/is-default-class") == "true")
        .OrderByDescending(c => c.Metadata.CreationTimestamp)
        .ThenBy(c => c.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault()?.Metadata.Name ?? "";

    public static bool Waits(V1StorageClass? storage) => storage?.VolumeBindingMode == "WaitForFirstConsumer";

    public static bool IsClaimedBy(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } owner && owner.NamespaceProperty == claim.Metadata.NamespaceProperty && owner.Name == claim.Metadata.Name
        && (string.IsNullOrEmpty(owner.Uid) || owner.Uid == claim.Metadata.Uid);

    /// <summary>The smallest free volume that has what the claim asks for, one reserved for it before all others.</summary>
    public static V1PersistentVolume? Best(V1PersistentVolumeClaim claim, string className, IEnumerable<V1PersistentVolume> volumes, V1Node? node) => volumes
        .Where(v => v.Metadata.DeletionTimestamp is null && (v.Spec.ClaimRef is null ? Fits(v, claim, className) : IsClaimedBy(v, claim)))
        .Where(v => node is null || Reaches(v, node))
        .OrderBy(v => v.Spec.ClaimRef is null ? 1 : 0)
        .ThenBy(Capacity)
        .ThenBy(v => v.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    public static bool Reaches(V1PersistentVolume volume, V1Node node) =>
        volume.Spec.NodeAffinity?.Required is not { } required || NodeSelectors.Matches(required, node);

    private static bool Fits(V1PersistentVolume volume, V1PersistentVolumeClaim claim, string className) =>
        (volume.Spec.StorageClassName ?? "") == className
        && (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec.VolumeMode ?? "Filesystem")
        && (claim.Spec.AccessModes ?? []).All(m => volume.Spec.AccessModes?.Contains(m) == true)
        && Capacity(volume) >= Requested(claim)
        && (claim.Spec.Selector is null || claim.Spec.Selector.Matches(volume.Metadata.Labels));

    private static decimal Capacity(V1PersistentVolume volume) =>
        volume.Spec.Capacity is { } capacity && capacity.TryGetValue("storage", out var size) ? size.ToDecimal() : 0;

    private static decimal Requested(V1PersistentVolumeClaim claim) =>
        claim.Spec.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var size) ? size.ToDecimal() : 0;
}
