using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>Decides what is to be done for a service and what is to be said about it. Pure: the same snapshot gives the same decision.</summary>
internal static class ServiceDecider
{
    // A foreign object that is in the way is not watched, so its going has to be looked for.
    private static readonly TimeSpan ConflictRecheck = TimeSpan.FromMinutes(1);

    // Nor are children of a former service that an older operator made.
    private static readonly TimeSpan PredecessorRecheck = TimeSpan.FromSeconds(10);

    /// <summary>The decision. Who is hindered can't go on with a turn, and gives it back.</summary>
    public static Decision<InferenceServiceStatus> Decide(ServiceSnapshot seen) =>
        Hindered(seen) is { } hindered ? hindered with { Actions = [.. UpgradeTurn.GiveBack(seen), .. hindered.Actions] } : Serve(seen, seen.Model!);

    // The order of the checks is their priority.
    private static Decision<InferenceServiceStatus>? Hindered(ServiceSnapshot seen)
    {
        var (service, model) = (seen.Service, seen.Model);
        if (ServiceSpecValidator.Validate(service.Spec) is { Count: > 0 } problems) return Say(seen, Invalid(problems));
        if (seen.Obstacle is { } obstacle) return Wait(seen, obstacle);
        if (ServiceSpecValidator.Validate(model!.Spec, service.Spec) is { Count: > 0 } flaws) return Say(seen, Invalid(flaws));
        if (model.Spec.Hardware?.Accelerator == Accelerators.Metal) return LeaveToAgent(seen);
        if (seen is { ClaimName: { } name, Claim: null }) return Wait(seen, new(Reasons.ModelNotReady, $"Waiting for the claim {name}"));
        if (Predecessor(seen) is { } former) return Say(seen, former, PredecessorRecheck);
        return Conflict(seen) is { } conflict ? Say(seen, conflict, ConflictRecheck) : null;
    }

    private static Decision<InferenceServiceStatus> Serve(ServiceSnapshot seen, Model model)
    {
        var weights = WeightsOf(seen, model);
        var strategy = RolloutStrategy.Of(seen, weights.Tie);
        var upgrade = Upgrade.Of(seen, model, DeploymentBuilder.Build(seen.Service, model, seen.OwnDeployment, weights, strategy, seen.Options));
        var verdict = RolloutVerdict.Of(seen);
        TimeSpan?[] rechecks = [strategy.LookAgainIn, upgrade.Turn is null ? null : UpgradeTurn.LookAgainIn(seen), StuckPods.LookAgainIn(seen.Pods, seen.Now), RolloutDeadline.LookAgainIn(seen)];
        return Say(seen, verdict with { Upgrade = upgrade.Told(seen, verdict.Trouble) }, rechecks) with { Actions = [.. Children(seen, upgrade.Deployment, weights)] };
    }

    /// <summary>What to say when the API server refused what was decided.</summary>
    public static Decision<InferenceServiceStatus> Refused(ServiceSnapshot seen, ActionFailure failure)
    {
        var trouble = new PodTrouble(Reasons.Failed, $"Failed to apply {failure.Action.Target.Kind} {failure.Action.Target.Name}: {failure.Message}");
        var hasTurn = seen.HasTurn || UpgradeTurn.Of(seen.OwnDeployment) is not null;
        return Say(seen, new Verdict(DownOr(seen, InferenceServicePhases.Failed), trouble.Reason, trouble.Message) { Trouble = trouble, Upgrade = hasTurn ? UpgradeTurn.Failed(trouble.Message) : null });
    }

    private static Decision<InferenceServiceStatus> Say(ServiceSnapshot seen, Verdict verdict, params ReadOnlySpan<TimeSpan?> rechecks)
    {
        var status = ServiceStatusBuilder.Build(seen, verdict);
        TimeSpan?[] all = [.. rechecks, NodesRecheck(seen, status)];
        return new() { Status = status, Announcements = ServiceAnnouncements.Between(seen.Service.Status, status), LookAgainIn = all.Min() };
    }

    // Nor are nodes, which may say another day how much memory their GPUs have. Who wants no pods need not know.
    private static TimeSpan? NodesRecheck(ServiceSnapshot seen, InferenceServiceStatus status) =>
        seen.GpuNodes is not null && status is { DesiredReplicas: > 0, EstimatedMemoryBytes: not null } && GpuFitDecider.NeedsNodes(seen.Service.Spec, seen.Model) ? GpuNodes.Interval : null;

    private static Verdict Invalid(IReadOnlyList<FieldError> problems)
    {
        var trouble = new PodTrouble(Reasons.InvalidSpec, string.Join("; ", problems));
        return new(InferenceServicePhases.Failed, trouble.Reason, trouble.Message) { Trouble = trouble, IsStuck = true, IsObstacle = true };
    }

    // What runs goes on running: a model that is being fetched anew, or failed, is no reason to take a working endpoint away.
    private static Decision<InferenceServiceStatus> Wait(ServiceSnapshot seen, ModelReadiness obstacle)
    {
        var verdict = new Verdict(DownOr(seen, InferenceServicePhases.Pending), obstacle.Reason, obstacle.Message) { IsObstacle = true };
        if (seen.OwnDeployment is not { } running) return Say(seen, verdict);
        List<DesiredAction> actions = [];
        if (seen.Endpoint is null || seen.OwnEndpoint is not null) actions.Add(ApplyEndpoint(seen));
        if (!running.Metadata.IsManaged()) actions.Add(Management.Begin(running));
        if (ReplicaOwnership.Asked(seen.Service) == 0 && running.Spec.Replicas is not 0) actions.Add(ScaleToZero(running, seen.Service));
        return Say(seen, verdict) with { Actions = actions };
    }

    private static DesiredAction ApplyEndpoint(ServiceSnapshot seen) => Adoption.Of(seen.OwnEndpoint, FieldManagers.Operator) as DesiredAction
        ?? new DesiredAction.Apply(EndpointBuilder.Build(seen.Service), seen.OwnEndpoint);

    // The template of a Deployment can't be built without the model, so that only its replicas are touched.
    private static DesiredAction.Patch ScaleToZero(V1Deployment running, InferenceService service)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = running.Metadata.Uid,
                ["annotations"] = new JsonObject(ReplicaOwnership.Memory(service).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
            },
            ["spec"] = new JsonObject { ["replicas"] = 0 },
        };
        return new(ObjectRef.Of(running), patch.ToJsonString());
    }

    private static Decision<InferenceServiceStatus> LeaveToAgent(ServiceSnapshot seen)
    {
        var wanted = ReplicaOwnership.Asked(seen.Service);
        var verdict = wanted == 0
            ? new Verdict(InferenceServicePhases.Stopped, Reasons.Stopped, "No replicas are wanted") { IsExternal = true }
            : new Verdict(InferenceServicePhases.Ready, Reasons.RolloutComplete, "Served by an agent outside the cluster") { IsExternal = true };
        IKubernetesObject<V1ObjectMeta>?[] children = [seen.OwnDeployment, seen.OwnEndpoint, seen.OwnBudget];
        return Say(seen, verdict) with
        {
            Actions =
            [
                .. children.OfType<IKubernetesObject<V1ObjectMeta>>()
                    .Where(c => c.Metadata.IsManaged())
                    .Select(c => new DesiredAction.Delete(ObjectRef.Of(c), DeletePropagation.Background, "an agent outside the cluster serves the model")),
            ],
        };
    }

    private static IEnumerable<DesiredAction> Children(ServiceSnapshot seen, V1Deployment deployment, WeightsMount weights)
    {
        yield return Adoption.Of(seen.OwnDeployment, FieldManagers.Operator) as DesiredAction ?? new DesiredAction.Apply(deployment, seen.OwnDeployment);
        yield return ApplyEndpoint(seen);
        if (ReplicaOwnership.Wanted(seen.Service, seen.OwnDeployment) > 1)
        {
            yield return new DesiredAction.Apply(DisruptionBudgetBuilder.Build(seen.Service, weights.Tie is not null), seen.OwnBudget);
        }
        else if (seen.OwnBudget is { } budget)
        {
            yield return new DesiredAction.Delete(ObjectRef.Of(budget), DeletePropagation.Background, "a single replica must not block drains");
        }
    }

    private static WeightsMount WeightsOf(ServiceSnapshot seen, Model model) => seen.Claim is { } claim
        ? WeightsMount.From(model, claim, seen.Options.ModelCachePath)
        : WeightsMount.Fetched(model, seen.Image!, seen.Options, seen.OwnDeployment);

    // A service that was deleted and created again: the garbage collector takes the former one's children, and their going wakes this one.
    private static Verdict? Predecessor(ServiceSnapshot seen)
    {
        IKubernetesObject<V1ObjectMeta>?[] children = [seen.Deployment, seen.Endpoint, seen.Budget];
        var left = children.OfType<IKubernetesObject<V1ObjectMeta>>().FirstOrDefault(c => !c.IsOf(seen.Service) && c.IsOfNamesakeOf(seen.Service));
        if (left is null) return null;
        var child = ObjectRef.Of(left);
        return new(InferenceServicePhases.Pending, Reasons.Pending, $"Waiting for {child.Kind} \"{child.Name}\" of the former InferenceService of this name to go") { IsObstacle = true };
    }

    private static Verdict? Conflict(ServiceSnapshot seen)
    {
        var taken = Foreign(seen.Deployment, seen.OwnDeployment) ?? Foreign(seen.Endpoint, seen.OwnEndpoint) ?? Foreign(seen.Budget, seen.OwnBudget);
        if (taken is null) return null;
        var trouble = new PodTrouble(
            Reasons.NameConflict, $"{taken.Kind} \"{taken.Name}\" exists and does not belong to this InferenceService; it is left alone. Delete or rename one of the two");
        return new(DownOr(seen, InferenceServicePhases.Failed), trouble.Reason, trouble.Message)
        {
            Trouble = trouble,
            Conflict = trouble.Message,
            IsStuck = true,
            IsObstacle = true,
        };
    }

    private static ObjectRef? Foreign(IKubernetesObject<V1ObjectMeta>? there, IKubernetesObject<V1ObjectMeta>? own) =>
        there is not null && own is null ? ObjectRef.Of(there) : null;

    private static string DownOr(ServiceSnapshot seen, string down) => RolloutVerdict.Serving(seen) > 0 ? InferenceServicePhases.Progressing : down;
}
