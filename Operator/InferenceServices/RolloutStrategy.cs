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
        if (tie is not null && WaitForVolume(deployment, pods) is { } volume) return At(volume, PatienceForGpu, seen.Now, ReleaseClaim);
        return WaitForRoom(deployment, pods) is var (since, patience) ? At(since, patience, seen.Now, MakeRoom) : SurgeFirst;
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
        var left = since.Moment() + patience - now;
        return left > TimeSpan.Zero ? SurgeFirst with { LookAgainIn = left } : then;
    }

    private static (DateTime Since, TimeSpan Patience)? WaitForRoom(V1Deployment deployment, IReadOnlyList<V1Pod> pods)
    {
        if (RefusedSince(deployment) is { } refused) return (refused, PatienceForGpu);
        foreach (var waiting in pods.Where(p => p.UnschedulableBecause() is not null).OrderBy(p => p.WaitingSince()))
        {
            List<V1Pod> old = [.. pods.Where(p => p.Spec?.NodeName is { Length: > 0 } && HashOf(p) != HashOf(waiting))];
            if (PatienceFor(waiting, old, hasUnseen: Before(deployment) > old.Count) is { } patience) return (waiting.WaitingSince(), patience);
        }

        return null;
    }

    // A quota leaves no place for one pod more. There is none that could wait.
    private static DateTime? RefusedSince(V1Deployment deployment) => Before(deployment) == 0 ? null : deployment.Status.Conditions?
        .FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" } && c.Message?.Contains("exceeded quota", StringComparison.Ordinal) == true)?.LastTransitionTime;

    // Null: the end of an old pod helps nobody.
    private static TimeSpan? PatienceFor(V1Pod waiting, List<V1Pod> old, bool hasUnseen)
    {
        if (old.Count == 0 && !hasUnseen) return null;
        var words = waiting.UnschedulableBecause()!;
        if (words.Contains("ReadWriteOncePod", StringComparison.Ordinal)) return PatienceForGpu;
        if (RequestsOf(waiting).Where(waiting.Lacks).ToList() is not { Count: > 0 } lacking) return words.Contains("pod anti-affinity rules", StringComparison.Ordinal) ? PatienceForNode : null;
        if (!hasUnseen && !old.Any(o => RequestsOf(o).Any(lacking.Contains))) return null;
        return waiting.GpuWaitedFor() is null ? PatienceForNode : PatienceForGpu;
    }

    // Pods of an older operator, which are not all seen, are not kept together by their claim. One of ours on another node waits for its volume then.
    private static DateTime? WaitForVolume(V1Deployment deployment, IReadOnlyList<V1Pod> pods)
    {
        var waiting = pods.Where(p => SingleNode.Ties(p.Metadata) && p.Status?.Phase == "Pending" && p.Spec?.NodeName is { Length: > 0 }).ToList();
        if (waiting is not [var first, ..] || pods.Any(p => SingleNode.Ties(p.Metadata) && p.IsServing())) return null;
        var old = pods.Where(p => !SingleNode.Ties(p.Metadata)).ToList();
        var isElsewhere = Before(deployment) > old.Count || old.Any(p => p.Spec?.NodeName is { Length: > 0 } node && node != first.Spec.NodeName);
        return isElsewhere ? waiting.Min(p => p.WaitingSince()) : null;
    }

    // The pods of earlier templates by the Deployment's count, which knows those of an older operator, too.
    private static int Before(V1Deployment deployment) => (deployment.Status.Replicas ?? 0) - (deployment.Status.UpdatedReplicas ?? 0);

    private static string? HashOf(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(TemplateHash, out var hash) == true ? hash : null;

    private static IEnumerable<string> RequestsOf(V1Pod pod) =>
        pod.Spec?.Containers?.FirstOrDefault(c => c.Name == DeploymentBuilder.Container)?.Resources is { } resources
            ? (resources.Requests?.Keys ?? []).Union(resources.Limits?.Keys ?? [])
            : [];
}
