using System.Globalization;
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
internal sealed record Upgrade(V1Deployment Deployment, bool IsWaiting)
{
    // Who waits is woken when a turn is free. That a failure is over can be seen without a word to those who wait for it.
    private static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);

    /// <summary>When to look again although nobody says so; null: never.</summary>
    public TimeSpan? LookAgainIn => IsWaiting ? Recheck : null;

    /// <summary>The decision.</summary>
    /// <param name="seen">What was observed.</param>
    /// <param name="model">The service's Model.</param>
    /// <param name="desired">The Deployment with the newer pods.</param>
    public static Upgrade Of(ServiceSnapshot seen, Model model, V1Deployment desired)
    {
        var now = TemplateMemory.Of(seen, model, desired.Spec.Template);
        if (seen.OwnDeployment is not { } observed) return Apply(desired, now);

        var before = TemplateMemory.Of(observed);
        if (now.HasOtherWishesThan(before)) return Apply(desired, now);
        if (before?.Hash == now.Hash || TemplateDifference(desired, observed) is null)
        {
            // What was remembered of the same template stays, even if this operator would put it otherwise.
            return Apply(desired, before?.Versions == now.Versions && before.Hash == now.Hash ? before : now, HoldsTurn(observed) && !IsOver(seen, observed) ? TurnOf(observed) : null);
        }

        if (!IsInterruption(seen, observed) || OwnFields.Of(observed, FieldManagers.Operator, "spec", "template") is not { } running) return Apply(desired, now, TurnOf(observed));
        if (seen.HasTurn) return Apply(desired, now, RolloutVerdict.Serving(seen).ToString(CultureInfo.InvariantCulture));

        var kept = before is null || before.Versions != now.Versions ? now with { Hash = before?.Hash } : before;
        desired.Spec.Template = KubernetesJson.Deserialize<V1PodTemplateSpec>(running.ToJsonString());
        return Apply(desired, kept) with { IsWaiting = true };
    }

    /// <summary>True for a Deployment whose service has a turn: its pods are being replaced for the operator's sake, and that is not over.</summary>
    public static bool HoldsTurn(V1Deployment deployment) => TurnOf(deployment) is not null;

    /// <summary>What is to be told of it; null: nothing.</summary>
    /// <param name="verdict">What is said of the service otherwise.</param>
    public PodTrouble? Told(Verdict verdict) => (IsWaiting, verdict.Trouble) switch
    {
        (true, _) => new(
            Reasons.WaitingForTurn,
            "The operator's version or options ask for other pods than these, which serve until it is this service's turn: when those whose pods are being replaced are ready"),
        (_, { } trouble) when HoldsTurn(Deployment) => new(
            Reasons.UpgradeFailed, $"The pods that the operator's newer version or options ask for fail, so that all other services keep theirs: {trouble.Message}"),
        _ => null,
    };

    private static Upgrade Apply(V1Deployment desired, TemplateMemory memory, string? turn = null)
    {
        foreach (var (name, value) in memory.Annotated) desired.Metadata.Annotations[name] = value;
        if (turn is not null) desired.Metadata.Annotations[Annotations.Upgrade] = turn;
        return new(desired, IsWaiting: false);
    }

    private static string? TemplateDifference(V1Deployment desired, V1Deployment observed) =>
        ApplyDiff.FirstDifferenceIn(Json(desired), Json(observed), FieldManagers.Operator, "spec", "template");

    // That its controller has not seen a Deployment yet is none: another number of replicas is a change, too.
    private static bool IsInterruption(ServiceSnapshot seen, V1Deployment observed) =>
        ReplicaOwnership.Wanted(seen.Service, observed) > 0 && observed.Spec.Paused is not true && !RolloutVerdict.HasOldPods(observed) && RolloutVerdict.Serving(seen) > 0;

    // As many serve as before, or as many as are wanted by now: what was lacking before, a node or a GPU, is lacking still.
    private static bool IsOver(ServiceSnapshot seen, V1Deployment observed)
    {
        var wanted = ReplicaOwnership.Wanted(seen.Service, observed);
        var before = int.TryParse(TurnOf(observed), NumberStyles.None, CultureInfo.InvariantCulture, out var served) ? served : 1;
        return wanted == 0 || (!RolloutVerdict.IsUnderWay(observed) && RolloutVerdict.Serving(seen) >= Math.Min(wanted, before));
    }

    private static string? TurnOf(V1Deployment deployment) => deployment.Metadata.Annotations?.TryGetValue(Annotations.Upgrade, out var turn) == true ? turn : null;

    private static JsonObject Json(V1Deployment of) => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(of))!;
}
