using System.Globalization;
using k8s.Models;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Plugin;

/// <summary>Whether the operator works at all. What a status says is worth nothing where nobody writes it.</summary>
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
        var age = facts.Lease?.Spec.RenewTime is { } renewed ? facts.Now - renewed.Moment() : (TimeSpan?)null;
        var isDead = age > Patience || facts.Lease is { Spec.HolderIdentity: null or "" };
        var isStale = observed != metadata.Generation && facts.Now - ChangedAt(metadata) > Patience;
        if (!isDead && !isStale) return null;
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
        DateTime?[] times = [metadata.CreationTimestamp, .. (metadata.ManagedFields ?? []).Where(m => m.Subresource is null or "").Select(m => m.Time)];
        return times.OfType<DateTime>().DefaultIfEmpty(DateTime.UnixEpoch).Max().Moment();
    }
}
