using k8s.Models;
using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Metrics;

/// <summary>Where a model's bytes come from.</summary>
internal enum SourceType
{
    /// <summary>Over the network.</summary>
    Remote,

    /// <summary>A path of the node or of a volume.</summary>
    Local,
}

/// <summary>The values of the label <c>controller</c>.</summary>
internal static class Controllers
{
    /// <summary>Models.</summary>
    public const string Model = "model";

    /// <summary>InferenceServices.</summary>
    public const string InferenceService = "inferenceservice";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Model, InferenceService];
}

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

/// <summary>The reasons of a Model's condition Degraded.</summary>
internal static class ModelFailureReasons
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Reasons.InvalidSpec, Reasons.Failed, Reasons.DownloadFailed, Reasons.CopyFailed, Reasons.SourceNotFound, Reasons.SourceUnauthorized, Reasons.SourceUntrusted,
        Reasons.SourceUnreachable, Reasons.SourceNotAllowed, Reasons.SourceStalled, Reasons.LengthMismatch, Reasons.NotGguf, Reasons.OutOfSpace, Reasons.CacheUnusable,
        Reasons.CacheBusy, Reasons.Interrupted,
    ];

    /// <summary>The reason itself, or Failed for one of other words: it comes from a pod, and must not make series at will.</summary>
    public static string Known(string reason) => All.Contains(reason) ? reason : Reasons.Failed;
}
