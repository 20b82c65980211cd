using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>One reconcile: of what, and why.</summary>
/// <typeparam name="TEntity">The reconciled kind.</typeparam>
/// <remarks>Declared for KubeOps' sake: this engine makes none.</remarks>
public sealed record ReconciliationContext<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationContext(TEntity entity, ReconciliationType eventType, ReconciliationTriggerSource source)
    {
        Entity = entity;
        EventType = eventType;
        ReconciliationTriggerSource = source;
    }

    /// <summary>The object.</summary>
    public TEntity Entity { get; }

    /// <summary>What happened to it.</summary>
    public ReconciliationType EventType { get; }

    /// <summary>Who asked.</summary>
    public ReconciliationTriggerSource ReconciliationTriggerSource { get; }

#pragma warning disable CA1000 // KubeOps' shape.
    /// <summary>A context of these three.</summary>
    /// <param name="entity">The object.</param>
    /// <param name="eventType">What happened to it.</param>
    /// <param name="source">Who asked.</param>
    public static ReconciliationContext<TEntity> CreateFor(
        TEntity entity, ReconciliationType eventType, ReconciliationTriggerSource source)
        => new(entity, eventType, source);
#pragma warning restore CA1000
}
