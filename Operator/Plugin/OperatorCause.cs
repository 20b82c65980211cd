using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>
/// Whether anybody looks at an object. What a status says is worth nothing where nobody writes it, and one that speaks of today's object is believed: a Lease that has run out may be
/// left of an operator that was started with <c>--leader-elect</c>, beside which another works without.
/// </summary>
internal static class OperatorCause
{
    /// <summary>The namespace of <c>deploy/default</c>, and what commands name.</summary>
    public const string Namespace = "llmkube-system";

    // An operator that has much to do needs a while; one that is replaced, a lease's length.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Why nobody looks at an object; null: somebody does, or nothing speaks against it.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="metadata">The object's.</param>
    /// <param name="observed">The generation that its status speaks of.</param>
    public static Finding? Of(WhyFacts facts, V1ObjectMeta metadata, long? observed)
    {
        if (observed == metadata.Generation || facts.Now - ChangedAt(metadata) <= Patience) return null;
        var age = facts.Lease?.Spec.RenewTime is { } renewed ? facts.Now - renewed.Moment() : (TimeSpan?)null;

        // Between the one that lets go of it and the next one it has no holder for a moment.
        var isDead = age > Patience || (age is null && facts.Lease is { Spec.HolderIdentity: null or "" });
        var words = isDead
            ? $"No operator holds the Lease {facts.Lease!.Metadata.NamespaceProperty}/{facts.Lease.Metadata.Name}{(age is { } span ? $", which was last renewed {Ages.Text(span)} ago" : "")}"
            : $"The status speaks of generation {observed?.ToString(CultureInfo.InvariantCulture) ?? "none"}, the object has {metadata.Generation}";
        return new(
            true, [], "OperatorNotRunning", $"{words}, so nothing is done about this object", "See whether its pod runs, and what it logs",
            $"kubectl -n {facts.Lease?.Metadata.NamespaceProperty ?? Namespace} get deployments,pods");
    }

    // Writes of a status are no changes of the object.
    private static DateTimeOffset ChangedAt(V1ObjectMeta metadata)
    {
        DateTime?[] times = [metadata.CreationTimestamp, metadata.DeletionTimestamp, .. (metadata.ManagedFields ?? []).Where(m => m.Subresource is null or "").Select(m => m.Time)];
        return times.OfType<DateTime>().DefaultIfEmpty(DateTime.UnixEpoch).Max().Moment();
    }
}
