using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where things lie in a claim. Fetch Jobs and servers mount the claim at the same path, so one path is
/// right for all of them.
/// </summary>
internal static class CacheLayout
{
    /// <summary>The name of the pod volume that stands for the claim.</summary>
    public const string VolumeName = "model-cache";

    /// <summary>The path, in a pod, of the file of a Model that is served. What is in a claim of the user's is served from where it lies.</summary>
    /// <param name="spec">The Model's spec.</param>
    /// <param name="mountPath">Where pods mount the claim.</param>
    public static string ArtifactPath(ModelSpec spec, string mountPath)
    {
        string[] files = [.. spec.Files ?? []];

        // What can't be fetched has no parts either.
        var isSound = SourceAddress.TryParse(spec.Source, out var address, out _) && SourceFiles.Problem(address, files, "", "") is null;
        var path = !isSound ? $"{CacheKey.Of(spec)}/{ArtifactPlan.SingleName}"
            : address is SourceAddress.Claim claim ? ArtifactPlan.WholeOf(claim.Path)[0]
            : $"{CacheKey.Of(spec)}/{ArtifactPlan.ServedName(address!, files)}";
        return $"{mountPath.TrimEnd('/')}/{path}";
    }

    /// <summary>The pod volume that stands for a claim.</summary>
    /// <param name="claim">The claim's name.</param>
    /// <param name="isReadOnly">True: nobody in the pod may write, not even who prepares the volume.</param>
    public static V1Volume Volume(string claim, bool isReadOnly = false) => new()
    {
        Name = VolumeName,
        PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim, ReadOnlyProperty = isReadOnly ? true : null },
    };
}
