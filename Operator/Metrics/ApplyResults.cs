using k8s.Models;

namespace LlmKube.Operator.Metrics;

/// <summary>What making a child as it should be came to: the values of the label <c>result</c>.</summary>
internal static class ApplyResults
{
    /// <summary>There was none.</summary>
    public const string Created = "created";

    /// <summary>It was otherwise.</summary>
    public const string Updated = "updated";

    /// <summary>It is as it should be, or the server would not have it otherwise.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>It changed, or another came in its place, while we looked at it.</summary>
    public const string Conflict = "conflict";

    /// <summary>The server refused, or did not answer.</summary>
    public const string Failed = "failed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Created, Updated, Unchanged, Conflict, Failed];

    /// <summary>The kinds that are made.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [V1Deployment.KubeKind, V1Service.KubeKind, V1PodDisruptionBudget.KubeKind, V1Job.KubeKind, V1PersistentVolumeClaim.KubeKind];
}
