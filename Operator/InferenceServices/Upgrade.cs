using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>
/// Decides when pods are replaced for the operator's own sake, because it is newer or was started with other options: when the service has a turn. What users change goes at once, and so
/// does what is no interruption: pods that are being replaced anyway, that don't serve, or that are not wanted.
/// </summary>
/// <param name="Deployment">The Deployment that is to be applied: with the newer pods, or while these wait with those that there are.</param>
/// <param name="IsWaiting">True: the newer pods wait for a turn.</param>
/// <param name="Turn">The turn that the service has from then on; null: none.</param>
internal sealed record Upgrade(V1Deployment Deployment, bool IsWaiting, UpgradeTurn? Turn)
{
    /// <summary>The decision.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="model">The service's Model.</param>
    /// <param name="desired">The Deployment with the newer pods.</param>
    public static Upgrade Of(ServiceSnapshot seen, Model model, V1Deployment desired)
    {
        var before = TemplateMemory.Of(seen.OwnDeployment);
        var now = TemplateMemory.Of(seen, model, desired.Spec.Template, before);
        if (seen.OwnDeployment is not { } observed) return Apply(desired, now);

        if (now.HasOtherWishesThan(before)) return Apply(desired, now);
        var turn = UpgradeTurn.Of(observed) is { } held && !held.IsOver(seen, observed) ? held : null;
        if (before?.Hash == now.Hash || TemplateDifference(desired, observed) is null) return Apply(desired, now, turn);

        var running = OwnFields.Of(observed, FieldManagers.Operator, "spec", "template");
        var isTouched = before is not null && running is not null && before.Fields != TemplateMemory.FieldsOf(running);
        if (isTouched || turn is not null || !IsInterruption(seen, observed)) return Apply(desired, now, turn);
        if (seen.HasTurn) return Apply(desired, now, UpgradeTurn.Begin(seen));

        // Of a template that somebody else has made nothing is sent.
        desired.Spec.Template = running is null ? null : KubernetesJson.Deserialize<V1PodTemplateSpec>(running.ToJsonString());
        var kept = before is null || before.Versions != now.Versions ? now with { Hash = before?.Hash, Fields = before?.Fields ?? TemplateMemory.FieldsOf(running) } : before;
        return Apply(desired, kept) with { IsWaiting = true };
    }

    /// <summary>What is to be told of it; null: nothing.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="trouble">What fails otherwise; null: nothing.</param>
    public PodTrouble? Told(ServiceSnapshot seen, PodTrouble? trouble) => IsWaiting
        ? new(
            Reasons.WaitingForTurn,
            "The operator's version or options ask for other pods than these, which serve until it is this service's turn: when those whose pods are being replaced are ready")
        : Turn?.Told(seen, trouble);

    private static Upgrade Apply(V1Deployment desired, TemplateMemory memory, UpgradeTurn? turn = null)
    {
        foreach (var (name, value) in memory.Annotated) desired.Metadata.Annotations[name] = value;
        if (turn is not null) desired.Metadata.Annotations[Annotations.Upgrade] = turn.Text;
        return new(desired, IsWaiting: false, turn);
    }

    private static string? TemplateDifference(V1Deployment desired, V1Deployment observed) =>
        ApplyDiff.FirstDifferenceIn(Json(desired), Json(observed), FieldManagers.Operator, "spec", "template");

    // That its controller has not seen a Deployment yet is none: another number of replicas is a change, too.
    private static bool IsInterruption(ServiceSnapshot seen, V1Deployment observed) =>
        ReplicaOwnership.Wanted(seen.Service, observed) > 0 && observed.Spec.Paused is not true && !RolloutVerdict.HasOldPods(observed) && RolloutVerdict.Serving(seen) > 0;

    private static JsonObject Json(V1Deployment of) => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(of))!;
}
