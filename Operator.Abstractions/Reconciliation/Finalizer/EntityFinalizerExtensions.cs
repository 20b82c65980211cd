using k8s;
using k8s.Models;

using KubeOps.Abstractions.Entities;

namespace KubeOps.Abstractions.Reconciliation.Finalizer;

/// <summary>The names of finalizers.</summary>
public static class EntityFinalizerExtensions
{
    // KubeOps' own limit; the generator cuts at the same place.
    private const int MaxLength = 63;

    /// <summary>
    /// The string that a finalizer puts into <c>metadata.finalizers</c>: group, slash, lower-case class name ending in
    /// <c>finalizer</c>, cut at 63 characters. A kind of the core group has no group and no slash.
    /// </summary>
    /// <param name="finalizer">The finalizer.</param>
    /// <param name="entity">The finalized object; its class names the group.</param>
    public static string GetIdentifierName<TEntity>(this IEntityFinalizer<TEntity> finalizer, TEntity entity)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
#pragma warning disable CA1308 // Finalizer names are lower-case by rule.
        var name = finalizer.GetType().Name.ToLowerInvariant();
#pragma warning restore CA1308
        var suffix = name.EndsWith("finalizer", StringComparison.Ordinal) ? string.Empty : "finalizer";
        var identifier = $"{entity.GetKubernetesEntityAttribute()?.Group}/{name}{suffix}".TrimStart('/');
        return identifier.Length > MaxLength ? identifier[..MaxLength] : identifier;
    }
}
