using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>What an upgrade of the operator has to do with a service: pods are replaced for its sake in one service after another.</summary>
internal static class UpgradeCause
{
    /// <summary>How far a service is with it.</summary>
    public enum Turn
    {
        /// <summary>It has no turn.</summary>
        None,

        /// <summary>Its pods are being replaced.</summary>
        UnderWay,

        /// <summary>They can't be, or fail.</summary>
        Stuck,
    }

    /// <summary>How far a service is, by its conditions.</summary>
    public static Turn TurnOf(IList<V1Condition>? conditions) => conditions.Find(ConditionTypes.UpgradePending) switch
    {
        { Status: "True", Reason: Reasons.Upgrading } => Turn.UnderWay,
        { Status: "True", Reason: not Reasons.WaitingForTurn } => Turn.Stuck,
        _ => Turn.None,
    };

    /// <summary>The condition of a service whose own turn fails or stands still; null: it is well.</summary>
    public static V1Condition? OfOwn(IList<V1Condition>? conditions) => TurnOf(conditions) is Turn.Stuck ? conditions.Find(ConditionTypes.UpgradePending) : null;

    /// <summary>Whose turn a service that serves waits for; null: it waits for none.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="status">The service's.</param>
    /// <param name="name">The service, as it is told.</param>
    /// <param name="serves">How it serves.</param>
    public static Finding? OfOthers(WhyFacts facts, InferenceServiceStatus status, string name, string serves)
    {
        if (!UpgradeTurns.IsWaiting(status)) return null;
        if (facts.UpgradesStuck is [var stuck, ..])
        {
            return new(
                true, [$"{name} serves, and waits for its turn to get newer pods", $"InferenceService {Text(stuck)} does not get through its own"], Reasons.WaitingForTurn, serves,
                "No other service gets a turn until that one serves, is stopped, or the operator is started as it was", $"kubectl llmkube why isvc/{stuck.Name} -n {stuck.Namespace}");
        }

        var now = facts.Upgrading is [] ? "" : $". It is the turn of {string.Join(", ", facts.Upgrading.Select(Text))}";
        return new(false, [$"Nothing is wrong with {name}"], Reasons.WaitingForTurn, $"{serves}. {status.Conditions.Find(ConditionTypes.UpgradePending)!.Message}{now}", "", null);
    }

    private static string Text((string Namespace, string Name) service) => $"{service.Namespace}/{service.Name}";
}
