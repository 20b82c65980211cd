using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where things lie in a namespace's cache claim. Fetch Jobs and servers mount the claim at the same path, so one path is
/// right for all of them.
/// </summary>
internal static class CacheLayout
{
    /// <summary>The name of the pod volume that stands for the claim.</summary>
    public const string VolumeName = "model-cache";

    /// <summary>The path, in a pod, of the file of a Model that is served.</summary>
    /// <param name="spec">The Model's spec.</param>
    /// <param name="mountPath">Where pods mount the claim.</param>
    public static string ArtifactPath(ModelSpec spec, string mountPath) => $"{mountPath.TrimEnd('/')}/{CacheKey.Of(SourceIdentity.Of(spec))}/{NameOf(spec)}";

    // What can't be fetched has no parts either.
    private static string NameOf(ModelSpec spec)
    {
        string[] files = [.. spec.Files ?? []];
        return SourceAddress.TryParse(spec.Source, out var address, out _) && SourceFiles.Problem(address, files, "", "") is null ? ArtifactPlan.ServedName(address, files) : ArtifactPlan.SingleName;
    }
}
