using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>Finds the first thing that keeps a service or a Model from being Ready. Status is believed where it is current; pods and their Events tell what it has not yet.</summary>
internal static class Why
{
    private static readonly string[] OfModel = [Reasons.ModelNotFound, Reasons.ModelNotReady, Reasons.ModelFailed];

    /// <summary>The finding.</summary>
    public static Finding Of(WhyFacts facts) => facts.Service is { } service ? OfService(facts, service) : OfModelAlone(facts, facts.Model!);

    private static Finding OfService(WhyFacts facts, InferenceService service)
    {
        var (status, name) = (service.Status ?? new(), $"InferenceService {service.Metadata.Name}");
        var conditions = status.Conditions;
        var isServing = status.Phase == InferenceServicePhases.Ready && status.ObservedGeneration == service.Metadata.Generation;
        if (service.Metadata.DeletionTimestamp is not null) return Deleted(service.Metadata, name);
        if (OperatorCause.Of(facts, service.Metadata, status.ObservedGeneration) is { } down) return down with { Chain = [$"{name} is not looked after"] };

        Finding Because(string says, string reason, string? message) => For(service.Metadata, InferenceService.KubeKind, [$"{name} {says}"], reason, message);

        if (conditions.IsTrue(ConditionTypes.NameConflict)) return Because("can't have its objects", Reasons.NameConflict, conditions.Find(ConditionTypes.NameConflict)!.Message);
        if (UpgradeCause.OfOwn(conditions) is { } upgrade) return Because("does not get through the operator's upgrade", upgrade.Reason, upgrade.Message);
        if (isServing)
        {
            var serves = $"{status.ReadyReplicas} of {status.DesiredReplicas} replicas serve at {status.Endpoint}";
            return conditions.Find(ConditionTypes.Accelerated) is { Status: "False" } slow
                ? Because("serves without using all its GPUs", slow.Reason, slow.Message)
                : UpgradeCause.OfOthers(facts, status, name, serves) ?? new(false, [$"Nothing is wrong with {name}"], InferenceServicePhases.Ready, serves, "", null);
        }

        if (status.Phase == InferenceServicePhases.Stopped) return Because("is stopped", Reasons.Stopped, "It is asked for no replicas") with { IsWrong = false };
        var progress = conditions.Find(ConditionTypes.Progressing);
        if (progress is not null && OfModel.Contains(progress.Reason))
        {
            var waits = $"{name} waits for Model {service.Spec.ModelRef}";
            if (facts.Model is null) return For(service.Metadata, InferenceService.KubeKind, [waits], Reasons.ModelNotFound, $"There is no Model {service.Spec.ModelRef} in namespace {service.Metadata.NamespaceProperty}");
            var cause = OfModelAlone(facts, facts.Model);
            return cause with { Chain = [waits, .. cause.Chain] };
        }

        if (conditions.Find(ConditionTypes.Degraded) is { Status: "True" } failed) return Because(FailedHow(status, failed.Reason), failed.Reason, failed.Message);
        if (PodTrouble.Of(facts.Pods, facts.Deployment, facts.Events) is { } trouble) return Because("has a pod that does not come up", trouble.Reason, trouble.Message);
        if (status.SchedulingStatus == Reasons.InsufficientGPU) return Because("waits for GPUs", Reasons.InsufficientGPU, Queued(facts, status));
        if (status.SchedulingStatus is { } unplaced) return Because("has a pod that no node takes", unplaced, status.SchedulingMessage);
        if (facts.Pods.FirstOrDefault(p => p.SchedulingReason() is not null) is { } pod) return Because("has a pod that no node takes", pod.SchedulingReason()!, pod.UnschedulableBecause());
        return new(
            false, [$"Nothing is wrong with {name} yet"], progress?.Reason ?? status.Phase ?? Reasons.Pending,
            $"{progress?.Message ?? "It has just been created"} ({status.ReadyReplicas ?? 0} of {status.DesiredReplicas ?? service.Spec.Replicas ?? 1} replicas are ready)", "", null);
    }

    private static Finding OfModelAlone(WhyFacts facts, Model model)
    {
        var (status, conditions, name) = (model.Status ?? new(), model.Status?.Conditions, $"Model {model.Metadata.Name}");
        Finding Because(string says, string reason, string? message) => For(model.Metadata, Model.KubeKind, [$"{name} {says}"], reason, message);

        if (conditions.Find(ConditionTypes.InUse) is { Status: "True" } used && model.Metadata.DeletionTimestamp is not null) return Because("is being deleted", used.Reason, used.Message);
        if (OperatorCause.Of(facts, model.Metadata, status.ObservedGeneration) is { } down) return down with { Chain = [$"{name} is not looked after"] };
        if (model.Metadata.DeletionTimestamp is not null) return Deleted(model.Metadata, name);
        if (conditions.IsTrue(ConditionTypes.NameConflict)) return Because("can't have its objects", Reasons.NameConflict, conditions.Find(ConditionTypes.NameConflict)!.Message);
        if (conditions.Find(ConditionTypes.Degraded) is { Status: "True" } failed) return Because("failed", failed.Reason, failed.Message);
        if (status.Phase == ModelPhases.Ready) return new(false, [$"Nothing is wrong with {name}"], ModelPhases.Ready, conditions.Find(ConditionTypes.Available)?.Message ?? "", "", null);
        if (PodTrouble.Of(facts.FetchPods, null, facts.FetchEvents) is { } trouble) return Because("has a fetch that does not begin", trouble.Reason, trouble.Message);
        if (facts.FetchPods.FirstOrDefault(p => p.UnschedulableBecause() is not null) is { } unplaced)
        {
            // What no node has for a pod is said of services alone.
            var reason = unplaced.SchedulingReason()!;
            return For(model.Metadata, Advice.For(Model.KubeKind, reason) is null ? InferenceService.KubeKind : Model.KubeKind, [$"{name} has a fetch that no node takes"], reason, unplaced.UnschedulableBecause()) with
            {
                Command = $"kubectl -n {model.Metadata.NamespaceProperty} describe pod -l {Labels.CacheKey}={CacheKey.Of(model.Spec)}",
            };
        }

        var progress = conditions.Find(ConditionTypes.Progressing);
        return new(false, [$"Nothing is wrong with {name} yet"], progress?.Reason ?? status.Phase ?? Reasons.Pending, progress?.Message ?? "It has just been created", "", null);
    }

    private static string FailedHow(InferenceServiceStatus status, string reason) => (status.ReadyReplicas > 0, reason) switch
    {
        (false, _) => "failed",
        (_, Reasons.InvalidSpec or Reasons.Failed) => "serves as it was before",
        _ => "serves, but a pod fails",
    };

    // The reasons of GPUs that are there and taken, and of those that no node has, ask for different things.
    private static string Queued(WhyFacts facts, InferenceServiceStatus status)
    {
        var place = $"It is number {status.QueuePosition} of those that wait, for {status.WaitingFor}";
        var resource = status.WaitingFor?.Split(':')[0];
        return facts.NodeResources is { } there && resource is not null && !there.Contains(resource)
            ? $"{place}; no node of the cluster has {resource}: is its device plugin installed?"
            : place;
    }

    private static Finding Deleted(V1ObjectMeta metadata, string name) => new(
        true, [$"{name} is being deleted"], "Deleting", metadata.Finalizers is { Count: > 0 } held ? $"It waits for {string.Join(", ", held)}" : "Its children are removed", "", null);

    private static Finding For(V1ObjectMeta metadata, string kind, IReadOnlyList<string> chain, string reason, string? message)
    {
        var advice = Advice.For(kind, reason);
        var words = advice is null ? "" : advice.Do.Length > 0 ? $"{advice.Means.TrimEnd('.')}. To do: {advice.Do}" : advice.Means;
        var command = advice?.Command.Replace("{ns}", metadata.NamespaceProperty, StringComparison.Ordinal).Replace("{name}", metadata.Name, StringComparison.Ordinal)
            .Replace("{label}", ServiceNames.Child(metadata.Name), StringComparison.Ordinal);
        return new(true, chain, reason, message ?? "", words, command);
    }
}
