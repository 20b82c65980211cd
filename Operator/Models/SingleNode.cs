using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;

namespace LlmKube.Operator.Models;

/// <summary>
/// A claim that one node at a time can use ties its pods together, and only we know of it: the scheduler sends them anywhere, and their volume does not come. So each
/// has the claim's label and wants to be where the others are. Of several that come at once the first may go where it likes.
/// </summary>
internal static class SingleNode
{
    private const string Hostname = "kubernetes.io/hostname";

    // Of the scheduler, about pods that are kept together by their claim, its volume's node, or its access mode.
    private static readonly string[] Words =
        ["pod affinity rules", "volume node affinity conflict", "PersistentVolume's node affinity", "ReadWriteOncePod"];

    /// <summary>True if pods of several nodes can use the claim at once, so that it pins nobody to a node.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="isReadOnly">True: as a volume that nobody in the pod may write, which ReadOnlyMany is for. Into a cache something is fetched.</param>
    public static bool IsShared(V1PersistentVolumeClaim claim, bool isReadOnly) =>
        claim.Spec?.AccessModes?.Any(m => m == "ReadWriteMany" || (isReadOnly && m == "ReadOnlyMany")) == true;

    /// <summary>True for a pod, or what pods are made from, that its claim ties to the claim's other pods.</summary>
    public static bool Ties(V1ObjectMeta? pod) => pod?.Labels?.ContainsKey(Labels.Cache) == true;

    /// <summary>The value of the label <see cref="Labels.Cache"/>.</summary>
    public static string LabelOf(string claim) => ServiceNames.Child(claim);

    /// <summary>An affinity with the claim's pods beside what else is wanted.</summary>
    /// <remarks>
    /// To Kubernetes the pods that a pod must be near are those that all its required terms mean. Beside a user's term ours would mean none, and the pod would run
    /// nowhere: so the user's are the only ones.
    /// </remarks>
    public static V1Affinity With(V1Affinity? wanted, string claim) => wanted?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is { Count: > 0 } ? wanted : new()
    {
        NodeAffinity = wanted?.NodeAffinity,
        PodAntiAffinity = wanted?.PodAntiAffinity,
        PodAffinity = new V1PodAffinity
        {
            PreferredDuringSchedulingIgnoredDuringExecution = wanted?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution,
            RequiredDuringSchedulingIgnoredDuringExecution =
            [
                new V1PodAffinityTerm { TopologyKey = Hostname, LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [Labels.Cache] = LabelOf(claim) } } },
            ],
        },
    };

    /// <summary>True if the scheduler's words say that the claim keeps a pod from the nodes on which it could run.</summary>
    public static bool IsMeant(string words) => Words.Any(w => words.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>For the user: what is so, and what to do about it.</summary>
    public static string Told(string claim) =>
        $"The claim {claim} can be used on one node at a time, and not all pods that need it can run on the same one: use a claim with ReadWriteMany, give services claims of their own "
        + $"(spec.modelCache.claimName), or let pods fetch for themselves (spec.modelCache.persistence {CachePersistences.Ephemeral})";
}
