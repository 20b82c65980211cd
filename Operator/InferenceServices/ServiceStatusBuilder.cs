using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Computes a service's status whole: what is not true any more is not in it.</summary>
internal static class ServiceStatusBuilder
{
    /// <summary>The status that the facts and the verdict on them give; only when something began, and which generation was Ready, comes from the old one.</summary>
    public static InferenceServiceStatus Build(ServiceSnapshot seen, Verdict verdict)
    {
        var service = seen.Service;
        var deployment = seen.OwnDeployment;
        var wanted = verdict.IsExternal ? ReplicaOwnership.Asked(service) : ReplicaOwnership.Wanted(service, deployment);
        var serving = verdict.IsExternal ? wanted : RolloutVerdict.Serving(seen);
        var unplaced = seen.Pods.Where(p => p.UnschedulableBecause() is not null).OrderBy(p => p.GpuWaitedFor() is null).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
        var gpu = unplaced?.GpuWaitedFor();
        var (before, generation) = (service.Status, service.Metadata.Generation);
        var revision = RevisionOf(deployment);
        var rolledOut = IsSettled(verdict) && revision is not null ? revision : before?.RolledOutRevision;
        var underWay = revision == rolledOut ? null : revision;
        var fit = GpuFitDecider.Decide(seen);
        var acceleration = AccelerationDecider.Decide(seen);
        return new InferenceServiceStatus
        {
            ObservedGeneration = generation,
            GenerationSince = GenerationSince(service, seen.Now),
            ReadyGeneration = verdict.Phase == InferenceServicePhases.Ready ? generation : before?.ReadyGeneration,
            RolledOutRevision = rolledOut,
            RolloutRevision = underWay,
            RolloutSince = underWay is null ? null : underWay == before?.RolloutRevision ? before.RolloutSince : Conditions.WholeSeconds(seen.Now),
            Phase = verdict.Phase,
            Replicas = verdict.IsExternal ? wanted : deployment?.Status?.Replicas ?? 0,
            ReadyReplicas = serving,
            DesiredReplicas = wanted,
            Selector = deployment?.Spec.Selector?.MatchLabels is { } labels && !verdict.IsExternal
                ? string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"))
                : null,
            Endpoint = seen.OwnEndpoint is not null || verdict.IsExternal ? EndpointBuilder.AddressOf(service) : null,
            ModelReady = seen.Obstacle is null,
            LastUpdated = Conditions.WholeSeconds(seen.Now),
            SchedulingStatus = unplaced?.SchedulingReason(),
            SchedulingMessage = unplaced?.UnschedulableBecause(),
            QueuePosition = gpu is null ? null : seen.Queue.PositionOf(service.Metadata.NamespaceProperty, service.Metadata.Name),
            WaitingFor = gpu is { } wait ? $"{wait.Resource}: {wait.Count}" : null,
            EffectivePriority = PriorityOf(seen),
            EstimatedMemoryBytes = fit.EstimatedBytes,
            Acceleration = acceleration?.Status,
            Conditions = Accelerated(acceleration, seen, Fitting(fit.Condition, seen, ConditionsOf(seen, verdict, serving, gpu is not null || IsStillUnplaced(seen, verdict, wanted)))),
        };
    }

    private static IList<V1Condition> ConditionsOf(ServiceSnapshot seen, Verdict verdict, int serving, bool waitsForGpu)
    {
        var generation = seen.Service.Metadata.Generation;
        var before = seen.Service.Status?.Conditions;
        var conditions = With(before ?? [], ConditionTypes.Available, serving > 0, serving > 0 ? Reasons.InferenceReady : Reasons.NoReadyPods, serving > 0 ? "Requests are being served" : "No pod is ready");
        conditions = Progressing(conditions);
        conditions = waitsForGpu
            ? With(conditions, ConditionTypes.GPUAvailable, false, Reasons.InsufficientGPU, "Pods wait for a GPU")
            : conditions.Without(ConditionTypes.GPUAvailable);
        conditions = TiedTo(seen) is { } claim
            ? With(conditions, ConditionTypes.CacheSingleNode, true, Reasons.CacheSingleNode, SingleNode.Told(claim))
            : conditions.Without(ConditionTypes.CacheSingleNode);
        conditions = verdict.Upgrade is { } upgrade
            ? With(conditions, ConditionTypes.UpgradePending, true, upgrade.Reason, upgrade.Message)
            : conditions.Without(ConditionTypes.UpgradePending);
        conditions = verdict.Trouble is { } trouble
            ? With(conditions, ConditionTypes.Degraded, true, trouble.Reason, trouble.Message)
            : conditions.Without(ConditionTypes.Degraded);
        return verdict.Conflict is { } conflict
            ? With(conditions, ConditionTypes.NameConflict, true, Reasons.NameConflict, conflict)
            : conditions.Without(ConditionTypes.NameConflict);

        IList<V1Condition> Progressing(IList<V1Condition> on)
        {
            if (IsSettled(verdict)) return With(on, ConditionTypes.Progressing, false, verdict.Reason, verdict.Message);

            // As with a Deployment, pods that fail after a rollout was complete don't make it a rollout again.
            return !verdict.IsObstacle && IsRolledOut(before, generation) && !RolloutVerdict.IsUnderWay(seen.OwnDeployment)
                ? on
                : With(on, ConditionTypes.Progressing, !verdict.IsStuck, verdict.Reason, verdict.Message);
        }

        IList<V1Condition> With(IList<V1Condition> on, string type, bool holds, string reason, string message) => on.With(
            new V1Condition { Type = type, Status = holds ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = generation }, seen.Now);
    }

    private static IList<V1Condition> Fitting(GpuFitCondition? fit, ServiceSnapshot seen, IList<V1Condition> on) => fit is null ? on.Without(ConditionTypes.FitsGPU) : on.With(
        new V1Condition { Type = ConditionTypes.FitsGPU, Status = fit.Status, Reason = fit.Reason, Message = fit.Message, ObservedGeneration = seen.Service.Metadata.Generation }, seen.Now);

    private static IList<V1Condition> Accelerated(AccelerationVerdict? said, ServiceSnapshot seen, IList<V1Condition> on) => said is null ? on.Without(ConditionTypes.Accelerated) : on.With(
        new V1Condition
        {
            Type = ConditionTypes.Accelerated,
            Status = said.ConditionStatus,
            Reason = said.Reason,
            Message = said.Message,
            ObservedGeneration = seen.Service.Metadata.Generation,
        },
        seen.Now);

    // The claim that keeps a pod, or before there are any the fetch, from the nodes on which it could run.
    private static string? TiedTo(ServiceSnapshot seen)
    {
        if (seen.ClaimName is not { } claim) return null;
        var isTied = seen.Pods.Any(p => SingleNode.Ties(p.Metadata) && p.UnschedulableBecause() is { } words && SingleNode.IsMeant(words))
            || CacheStatuses.Of(seen.Model!, claim)?.Conditions.Find(ConditionTypes.Degraded) is { Status: "True", Reason: Reasons.CacheSingleNode };
        return isTied ? claim : null;
    }

    private static bool IsSettled(Verdict verdict) => verdict.Phase is InferenceServicePhases.Ready or InferenceServicePhases.Stopped;

    /// <summary>Which rollout a Deployment is in; null if its controller has not said. One that is made anew counts from 1 again.</summary>
    public static string? RevisionOf(V1Deployment? deployment) =>
        deployment?.Metadata.Annotations?.TryGetValue(Annotations.DeploymentRevision, out var revision) == true ? $"{deployment.Metadata.Uid}/{revision}" : null;

    // A wait for a GPU is not over because a pod that waits is replaced by another one at which the scheduler has not yet looked. It is over when
    // the scheduler has, and names another cause.
    private static bool IsStillUnplaced(ServiceSnapshot seen, Verdict verdict, int wanted) =>
        seen.Service.Status?.Conditions.Find(ConditionTypes.GPUAvailable) is { Status: "False" }
        && (seen.Pods.Any(p => string.IsNullOrEmpty(p.Spec?.NodeName) && p.UnschedulableBecause() is null) || (seen.Pods.Count == 0 && wanted > 0 && verdict is { Trouble: null, IsExternal: false }));

    private static DateTime? GenerationSince(InferenceService service, DateTimeOffset now) => (service.Status, service.Metadata.Generation) switch
    {
        ({ GenerationSince: { } since, ObservedGeneration: var seen }, var generation) when seen == generation => since,
        ({ Phase: null or "" } or null, null or 1) when service.Metadata.CreationTimestamp is { } created => created,
        _ => Conditions.WholeSeconds(now),
    };

    private static bool IsRolledOut(IList<V1Condition>? conditions, long? generation) =>
        conditions.Find(ConditionTypes.Progressing) is { Status: "False", Reason: Reasons.RolloutComplete } progressing && progressing.ObservedGeneration == generation;

    // Pods have what the API server made of the class; before there are any, only our own classes are known.
    private static int? PriorityOf(ServiceSnapshot seen)
    {
        if (seen.Pods.Select(p => p.Spec?.Priority).Max() is { } resolved) return resolved;
        return seen.Service.Spec.PriorityClassName is { Length: > 0 } named
            ? Priorities.ValueOfClass(named)
            : Priorities.ValueOf(seen.Service.Spec.Priority ?? Priorities.Normal);
    }
}
