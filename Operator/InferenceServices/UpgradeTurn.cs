using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.InferenceServices;

/// <summary>A service's turn: its pods are being replaced for the operator's own sake, as its Deployment remembers. It has it until as many serve as before, where they did.</summary>
/// <param name="Served">How many served before.</param>
/// <param name="OnCpu">Whether servers that have GPUs were known to compute on the CPU before.</param>
internal sealed record UpgradeTurn(int Served, bool OnCpu)
{
    private const string Cpu = "cpu";

    /// <summary>What the annotation says.</summary>
    public string Text => $"{Served}{(OnCpu ? $" {Cpu}" : "")}";

    /// <summary>One that begins.</summary>
    public static UpgradeTurn Begin(ServiceSnapshot seen) => new(RolloutVerdict.Serving(seen), seen.Service.Status?.Conditions.Find(ConditionTypes.Accelerated) is { Status: "False" });

    /// <summary>The one that a Deployment remembers; null: none. What others have written there is none.</summary>
    public static UpgradeTurn? Of(V1Deployment? observed)
    {
        if (observed?.Metadata.Annotations?.ContainsKey(Annotations.Upgrade) != true) return null;
        if (OwnFields.Of(observed, FieldManagers.Operator, "metadata", "annotations")?[Annotations.Upgrade] is not { } text) return null;
        var words = text.ToString().Split(' ');
        return new(int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var served) ? served : 1, words.Contains(Cpu));
    }

    /// <summary>What takes the turn of a service away that can't go on with it, so that others can; none: it has none.</summary>
    public static IEnumerable<DesiredAction> GiveBack(ServiceSnapshot seen)
    {
        if (Of(seen.OwnDeployment) is null) yield break;
        var metadata = new JsonObject { ["uid"] = seen.OwnDeployment!.Metadata.Uid, ["annotations"] = new JsonObject { [Annotations.Upgrade] = null } };
        yield return new DesiredAction.Patch(ObjectRef.Of(seen.OwnDeployment), new JsonObject { ["metadata"] = metadata }.ToJsonString());
    }

    /// <summary>
    /// True if as many serve as before, or as many as are wanted by now, on the GPUs that they have. Where they compute is read from their logs within half a minute, or found not to be said there. A node or a
    /// GPU that is lacking since is no end: the next service would lose its own likewise.
    /// </summary>
    public bool IsOver(ServiceSnapshot seen, V1Deployment observed)
    {
        var wanted = ReplicaOwnership.Wanted(seen.Service, observed);
        if (wanted == 0) return true;
        return !RolloutVerdict.IsUnderWay(observed) && RolloutVerdict.Serving(seen) >= Math.Min(wanted, Served)
            && Fallback(seen) is null && AccelerationDecider.Decide(seen) is not { Reason: Reasons.NotYetKnown };
    }

    /// <summary>What is to be said of a service that has the turn.</summary>
    public PodTrouble Told(ServiceSnapshot seen, PodTrouble? trouble) => this switch
    {
        _ when (trouble?.Message ?? Fallback(seen)) is { } failure => Failed(failure),
        _ when seen.OwnDeployment?.Spec.Paused is true => Stalled("the Deployment is paused (kubectl rollout resume)"),
        _ when Unplaced(seen).Any(left => left <= TimeSpan.Zero) => Stalled("one finds no place, see status.schedulingMessage"),
        _ => new(Reasons.Upgrading, "The pods are being replaced by those that the operator's version or options ask for"),
    };

    /// <summary>When it would be stalled if nothing else happens; null: never, or it is.</summary>
    public static TimeSpan? LookAgainIn(ServiceSnapshot seen) => Unplaced(seen).Where(left => left > TimeSpan.Zero).Select(left => (TimeSpan?)left).Min();

    /// <summary>Its pods fail, or are refused.</summary>
    public static PodTrouble Failed(string failure) =>
        new(Reasons.UpgradeFailed, $"The pods that the operator's newer version or options ask for fail, so that all other services keep theirs: {failure}");

    private static PodTrouble Stalled(string because) =>
        new(Reasons.UpgradeStalled, $"The pods are not all replaced by those that the operator's version or options ask for, and others wait for that: {because}");

    // That they did so before is no fault of the newer ones.
    private string? Fallback(ServiceSnapshot seen) => !OnCpu && AccelerationDecider.Decide(seen) is { ConditionStatus: "False" } slow ? slow.Message : null;

    // A pod that makes room for a newer one, or a node that comes, takes as long.
    private static IEnumerable<TimeSpan> Unplaced(ServiceSnapshot seen) =>
        seen.Pods.Where(p => p.UnschedulableBecause() is not null).Select(p => p.WaitingSince().Moment() + RolloutStrategy.PatienceForNode - seen.Now);
}
