using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Models;

/// <summary>
/// Where things lie in a namespace's cache claim. Fetch Jobs and servers mount the claim at the same path, so one path is
/// right for all of them.
/// </summary>
internal static class CacheLayout
{
    /// <summary>The name of the pod volume that stands for the claim.</summary>
    public const string VolumeName = "model-cache";

    private const string FileName = "model.gguf";

    /// <summary>The artefact's path in a pod.</summary>
    /// <param name="cacheKey">The source's key, <see cref="CacheKey.Of"/>.</param>
    /// <param name="mountPath">Where pods mount the claim.</param>
    public static string ArtifactPath(string cacheKey, string mountPath) => $"{mountPath.TrimEnd('/')}/{cacheKey}/{FileName}";
}
