using LlmKube.Operator.Fetching;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where things lie in a namespace's cache claim. Fetch Jobs and servers both mount the claim at <see cref="MountPath"/>,
/// so one path is right for all of them.
/// </summary>
internal static class CacheLayout
{
    /// <summary>The claim of a namespace, shared by all its Models.</summary>
    public const string ClaimName = "llmkube-model-cache";

    /// <summary>Where the claim is mounted, in every pod that uses it.</summary>
    public const string MountPath = "/models";

    /// <summary>The name of the pod volume that stands for the claim.</summary>
    public const string VolumeName = "model-cache";

    private const string FileName = "model.gguf";

    /// <summary>The artefact's path in a pod.</summary>
    /// <param name="cacheKey">The source's key, <c>CacheKey.Of(source)</c>.</param>
    public static string ArtifactPath(string cacheKey) => $"{MountPath}/{cacheKey}/{FileName}";

    /// <summary>The completion marker's path in a pod: without it the artefact counts as absent.</summary>
    /// <param name="cacheKey">The source's key, <c>CacheKey.Of(source)</c>.</param>
    public static string MarkerPath(string cacheKey) => ArtifactPath(cacheKey) + ArtifactPaths.MarkerSuffix;
}
