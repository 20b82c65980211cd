using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// What a Deployment remembers of the pod template that was applied last: so that a change that the operator's own version or options make can be told from one that users asked for,
/// and both from what somebody has changed by hand.
/// </summary>
/// <param name="Hash">Of the template as it was sent; null: an operator that did not remember it sent it.</param>
/// <param name="Versions">Which versions of the service, its Model and its claim it was made from.</param>
/// <param name="Wishes">A hash of what those say, but for the number of replicas.</param>
internal sealed record TemplateMemory(string? Hash, string Versions, string Wishes)
{
    /// <summary>That of a template that is about to be applied.</summary>
    public static TemplateMemory Of(ServiceSnapshot seen, Model model, V1PodTemplateSpec template)
    {
        var (service, claim) = (seen.Service, seen.Claim?.Metadata.Uid);
        return new(
            ShortHash.Of(KubernetesJson.Serialize(template)),
            $"{service.Metadata.Generation}/{model.Metadata.Uid}/{model.Metadata.Generation}/{claim}",
            ShortHash.Of(KubernetesJson.Serialize(service.Spec with { Replicas = null }) + KubernetesJson.Serialize(model.Spec) + claim));
    }

    /// <summary>That of a Deployment; null: it has none.</summary>
    public static TemplateMemory? Of(V1Deployment deployment) =>
        deployment.Metadata.Annotations is { } said && said.TryGetValue(Annotations.AppliedFor, out var both) && both.Split(' ') is [var versions, var wishes]
            ? new(said.TryGetValue(Annotations.DesiredHash, out var hash) ? hash : null, versions, wishes)
            : null;

    /// <summary>
    /// True if users have changed what they want since an earlier template. A number of replicas, which an autoscaler may change, is no such change; nor is a definition that reads the same
    /// object otherwise, as a newer one can.
    /// </summary>
    public bool HasOtherWishesThan(TemplateMemory? before) => before is not null && Versions != before.Versions && Wishes != before.Wishes;

    /// <summary>The annotations that hold it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Annotated =>
        [.. Hash is null ? (IEnumerable<KeyValuePair<string, string>>)[] : [new(Annotations.DesiredHash, Hash)], new(Annotations.AppliedFor, $"{Versions} {Wishes}")];
}
