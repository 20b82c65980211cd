using k8s.Models;
using LlmKube.Operator.Models;

namespace LlmKube.Operator.InferenceServices;

/// <summary>The file that a pod serves, as the pod itself says: it may be older than what its service and its Model want by now.</summary>
/// <param name="Path">Its path in the pod.</param>
/// <param name="Claim">The claim that it lies in; null: none, the pod has fetched it for itself.</param>
internal sealed record ServedFile(string Path, string? Claim)
{
    // The first of the server's arguments.
    private const string Flag = "--model";

    /// <summary>The file; null if the pod serves none, or that can't be told.</summary>
    public static ServedFile? Of(V1Pod pod) =>
        pod.Spec?.Containers?.Select(c => c.Args).FirstOrDefault(a => a is [Flag, _, ..]) is { } arguments
            ? new(arguments[1], VolumeOf(pod.Spec)?.PersistentVolumeClaim.ClaimName)
            : null;

    /// <summary>The pods that serve a source's file, whatever their Models are by now.</summary>
    /// <param name="cacheKey">The key of the source.</param>
    /// <param name="pods">Pods of a namespace.</param>
    /// <param name="deployments">Its Deployments: one that has no pod for a moment, between one and the next, stands for the next.</param>
    public static IReadOnlyList<V1Pod> ServersOf(string cacheKey, IEnumerable<V1Pod> pods, IEnumerable<V1Deployment> deployments)
    {
        List<V1Pod> there = [.. pods.Where(IsMeant)];
        var services = there.Select(ServiceNames.OfPod).ToHashSet();
        return
        [
            .. there,
            .. deployments.Where(d => d is { Metadata.DeletionTimestamp: null, Spec: { Replicas: > 0, Template: not null } })
                .Select(d => new V1Pod { Metadata = d.Spec.Template.Metadata ?? new(), Spec = d.Spec.Template.Spec })
                .Where(p => IsMeant(p) && !services.Contains(ServiceNames.OfPod(p))),
        ];

        bool IsMeant(V1Pod pod) => Of(pod)?.IsOf(cacheKey) == true;
    }

    /// <summary>True if it is in the folder of a source.</summary>
    public bool IsOf(string cacheKey) => Path.Contains($"/{cacheKey}/", StringComparison.Ordinal);

    /// <summary>Of a container's arguments those that are read here.</summary>
    public static IList<string>? ReadOf(V1Container container) => container.Args is [Flag, var path, ..] ? [Flag, path] : null;

    /// <summary>Of a pod's volumes those that are read here.</summary>
    public static IList<V1Volume>? ReadOf(V1PodSpec spec) => spec.Containers.Any(c => c.Args is [Flag, _, ..]) && VolumeOf(spec) is { } volume ? [volume] : null;

    private static V1Volume? VolumeOf(V1PodSpec spec) => spec.Volumes?.FirstOrDefault(v => v is { Name: CacheLayout.VolumeName, PersistentVolumeClaim: not null });
}
