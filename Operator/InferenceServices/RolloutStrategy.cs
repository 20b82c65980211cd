using k8s.Models;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// How pods are replaced. A new one is there before an old one goes, until that turns out to be impossible: then an old one makes room for it. When the rollout is over it
/// is as at first again, for the next one, which may not be the operator's (<c>kubectl rollout restart</c>).
/// </summary>
/// <param name="Surge">How many pods more than are wanted there may be.</param>
/// <param name="Unavailable">How many pods fewer.</param>
internal sealed record RolloutStrategy(IntOrString Surge, IntOrString Unavailable)
{
    /// <summary>For how long a new pod may find no free GPU before an old one makes room.</summary>
    public static readonly TimeSpan PatienceForGpu = TimeSpan.FromSeconds(15);

    /// <summary>The same for what a cluster that grows by itself can bring: a node more takes minutes to come.</summary>
    public static readonly TimeSpan PatienceForNode = TimeSpan.FromMinutes(5);

    private const string TemplateHash = "pod-template-hash";

    /// <summary>First the new pod, then the end of an old one.</summary>
    public static RolloutStrategy SurgeFirst { get; } = new("1", "0");

    private static RolloutStrategy MakeRoom { get; } = new("0", "1");

    // While one old pod is left, the claim's volume is where it is.
    private static RolloutStrategy ReleaseClaim { get; } = new("0", "100%");

    /// <summary>When something would have to be decided otherwise if nothing else happens; null: never.</summary>
    public TimeSpan? LookAgainIn { get; private init; }

    /// <summary>The strategy for what was observed.</summary>
    /// <param name="seen">The snapshot.</param>
    /// <param name="tie">The claim that ties the pods to one node; null: nothing does.</param>
    public static RolloutStrategy Of(ServiceSnapshot seen, string? tie)
    {
        if (seen.OwnDeployment is not { } deployment || !RolloutVerdict.IsUnderWay(deployment)) return SurgeFirst;
        if (InForce(deployment) is { } inForce) return inForce;
        List<V1Pod> pods = [.. seen.Pods.Where(p => p.Metadata.DeletionTimestamp is null)];
        if (tie is not null && WaitForVolume(seen, pods) is { } volume) return At(volume, PatienceForGpu, seen.Now, ReleaseClaim);
        return WaitForRoom(pods) is var (since, patience) ? At(since, patience, seen.Now, MakeRoom) : SurgeFirst;
    }

    /// <summary>As the Deployment has it.</summary>
    public V1DeploymentStrategy ToDeployment() => new()
    {
        Type = "RollingUpdate",
        RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = Surge, MaxUnavailable = Unavailable },
    };

    // What has been decided holds until the rollout is over: the pod that waited is no longer seen to wait once it has its room.
    private static RolloutStrategy? InForce(V1Deployment deployment) => deployment.Spec.Strategy?.RollingUpdate?.MaxUnavailable?.Value switch
    {
        "1" => MakeRoom,
        "100%" => ReleaseClaim,
        _ => null,
    };

    private static RolloutStrategy At(DateTime since, TimeSpan patience, DateTimeOffset now, RolloutStrategy then)
    {
        var left = new DateTimeOffset(DateTime.SpecifyKind(since, DateTimeKind.Utc)) + patience - now;
        return left > TimeSpan.Zero ? SurgeFirst with { LookAgainIn = left } : then;
    }

    // Only if the end of a single old pod makes the room: nobody is served better by one that goes for a pod that still fits nowhere.
    private static (DateTime Since, TimeSpan Patience)? WaitForRoom(IReadOnlyList<V1Pod> pods) => pods
        .Select(p => (Pod: p, Words: p.UnschedulableBecause()))
        .Where(p => p.Words is not null)
        .Select(p => (p.Pod, Lacking: RequestsOf(p.Pod).Where(r => p.Words!.Contains($"Insufficient {r.Key}", StringComparison.Ordinal)).ToList()))
        .Where(p => p.Lacking.Count > 0 && pods.Any(old => IsBefore(old, p.Pod) && p.Lacking.All(r => Holds(old, r.Key, r.Value))))
        .Select(p => ((DateTime, TimeSpan)?)(p.Pod.WaitingSince(), p.Pod.GpuWaitedFor() is null ? PatienceForNode : PatienceForGpu))
        .FirstOrDefault();

    // Pods of an older operator, which are not all seen, are not kept together by their claim. One of ours on another node waits for its volume then.
    private static DateTime? WaitForVolume(ServiceSnapshot seen, IReadOnlyList<V1Pod> pods)
    {
        var waiting = pods.Where(p => SingleNode.Ties(p.Metadata) && p.Status?.Phase == "Pending" && p.Spec?.NodeName is { Length: > 0 }).ToList();
        if (waiting is not [var first, ..] || pods.Any(p => SingleNode.Ties(p.Metadata) && p.IsServing())) return null;
        var (old, status) = (pods.Where(p => !SingleNode.Ties(p.Metadata)).ToList(), seen.OwnDeployment!.Status);
        var unseen = (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0) - old.Count;
        return unseen > 0 || old.Any(p => p.Spec?.NodeName is { Length: > 0 } node && node != first.Spec.NodeName) ? waiting.Min(p => p.WaitingSince()) : null;
    }

    private static bool IsBefore(V1Pod old, V1Pod pod) => old.Spec?.NodeName is { Length: > 0 } && HashOf(old) != HashOf(pod);

    private static string? HashOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(TemplateHash, out var hash) == true ? hash : null;

    private static bool Holds(V1Pod pod, string resource, ResourceQuantity atLeast) =>
        RequestsOf(pod).TryGetValue(resource, out var held)
        && QuantityValue.TryParse(held.ToString(), out var has) && QuantityValue.TryParse(atLeast.ToString(), out var wanted) && has >= wanted;

    // The API server completes requests from limits; extended resources have the same in both.
    private static Dictionary<string, ResourceQuantity> RequestsOf(V1Pod pod)
    {
        var resources = pod.Spec?.Containers?.FirstOrDefault(c => c.Name == DeploymentBuilder.Container)?.Resources;
        var all = new Dictionary<string, ResourceQuantity>(resources?.Limits ?? new Dictionary<string, ResourceQuantity>());
        foreach (var (resource, amount) in resources?.Requests ?? new Dictionary<string, ResourceQuantity>()) all[resource] = amount;
        return all;
    }
}
