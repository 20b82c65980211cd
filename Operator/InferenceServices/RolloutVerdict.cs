using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Judges a rollout from the Deployment and its pods.</summary>
internal static class RolloutVerdict
{
    /// <summary>The verdict. Ready needs a Deployment whose controller has seen the current spec and has nothing left to do.</summary>
    public static Verdict Of(ServiceSnapshot seen)
    {
        var deployment = seen.OwnDeployment;
        var wanted = ReplicaOwnership.Wanted(seen.Service, deployment);
        if (wanted == 0) return Stop(seen, deployment);

        var serving = Serving(seen);
        if (IsComplete(deployment, wanted) && serving >= wanted)
        {
            var scaled = ReplicaOwnership.ScaledBy(seen.Service, deployment) is { } scaler ? $", as many as {scaler} has set" : "";
            return new(InferenceServicePhases.Ready, Reasons.RolloutComplete, $"Rolled out: {wanted} of {wanted} replicas came up with the current spec{scaled}");
        }

        var trouble = PodTrouble.Of(seen.Pods, deployment, seen.PodEvents, seen.Service.Status?.Conditions.Find(ConditionTypes.Degraded)?.Message) ?? RolloutDeadline.Trouble(seen);
        if (seen.Pods.Select(p => p.GpuWaitedFor()).FirstOrDefault(w => w is not null) is { } gpus)
        {
            return new(InferenceServicePhases.WaitingForGPU, Reasons.WaitingForGPU, WaitOf(seen, gpus)) { Trouble = trouble };
        }

        if (trouble is not null)
        {
            return new(serving == 0 ? InferenceServicePhases.Failed : InferenceServicePhases.Progressing, trouble.Reason, trouble.Message) { Trouble = trouble };
        }

        if (seen.Pods.FirstOrDefault(p => p.UnschedulableBecause() is not null) is { } unplaced)
        {
            var phase = serving == 0 ? InferenceServicePhases.Creating : InferenceServicePhases.Progressing;
            return new(phase, unplaced.SchedulingReason()!, $"No node fits: {unplaced.UnschedulableBecause()}");
        }

        return serving == 0
            ? new(InferenceServicePhases.Creating, Reasons.Creating, $"Creating inference service (0/{wanted} replicas ready)")
            : new(InferenceServicePhases.Progressing, Reasons.RollingOut, $"Rolling out ({serving} replicas ready, {wanted} wanted)");
    }

    /// <summary>True while pods of an earlier template are being replaced, or may be: a change of the Model's hardware, or a newer operator, replaces them without a new generation of the service.</summary>
    public static bool IsUnderWay(V1Deployment? deployment) =>
        HasOldPods(deployment) || deployment?.Status?.ObservedGeneration < deployment?.Metadata.Generation;

    /// <summary>True while there are pods of an earlier template.</summary>
    public static bool HasOldPods(V1Deployment? deployment) => (deployment?.Status?.Replicas ?? 0) > (deployment?.Status?.UpdatedReplicas ?? 0);

    private static string WaitOf(ServiceSnapshot seen, (string Resource, string Count) gpus)
    {
        var place = seen.Queue.PositionOf(seen.Service.Metadata.NamespaceProperty, seen.Service.Metadata.Name);
        var (queued, turn) = place is { } position ? ($"Queued at position {position} waiting for GPU", position > 1 ? " when those before it have theirs" : "") : ("Waiting for GPU", "");
        return $"{queued}: {gpus.Count} of {gpus.Resource} must be free on a node that it may use{turn}. Add such a node, stop or shrink another service, or raise spec.priority";
    }

    /// <summary>The pods that answer requests.</summary>
    public static int Serving(ServiceSnapshot seen)
    {
        var serving = seen.Pods.Count(p => p.IsServing());
        return MayServeUnseen(seen) ? Math.Max(serving, seen.OwnDeployment?.Status?.ReadyReplicas ?? 0) : serving;
    }

    // Pods that an older operator's template made lack the label by which we watch: until the last of them is replaced only the Deployment
    // counts them. For our own pods it is not asked, since it lags behind them.
    private static bool MayServeUnseen(ServiceSnapshot seen)
    {
        if (seen.OwnDeployment is not { } deployment) return false;
        if (!(deployment.Spec.Template?.Metadata).IsManaged()) return true;
        var replicas = deployment.Status?.Replicas ?? 0;
        return (deployment.Status?.UpdatedReplicas ?? 0) < replicas && seen.Pods.Count < replicas;
    }

    private static Verdict Stop(ServiceSnapshot seen, V1Deployment? deployment) =>
        seen.Pods.Count == 0 && deployment is not null && IsComplete(deployment, 0)
            ? new(InferenceServicePhases.Stopped, Reasons.Stopped, "No replicas are wanted")
            : new(InferenceServicePhases.Progressing, Reasons.RollingOut, "Stopping: no replicas are wanted, some are left");

    private static bool IsComplete(V1Deployment? deployment, int wanted) =>
        deployment is { Status: { } status }
        && status.ObservedGeneration >= (deployment.Metadata.Generation ?? 0)
        && (status.UpdatedReplicas ?? 0) == wanted
        && (status.ReadyReplicas ?? 0) == wanted
        && (status.Replicas ?? 0) == wanted;
}
