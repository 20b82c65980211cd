using k8s.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Models;

/// <summary>The Secrets that a pod's images are pulled with.</summary>
internal static class PullSecrets
{
    /// <summary>Those of a pod; null: none.</summary>
    /// <param name="options">How the operator was started: it names some for all pods.</param>
    /// <param name="own">The pod's own, which go before.</param>
    public static IList<V1LocalObjectReference>? Of(OperatorOptions options, IEnumerable<V1LocalObjectReference>? own = null)
    {
        V1LocalObjectReference[] all = [.. (own ?? []).Concat(options.ImagePullSecrets.Select(n => new V1LocalObjectReference { Name = n })).DistinctBy(s => s.Name)];
        return all is [] ? null : all;
    }
}
