namespace KubeOps.Abstractions.Builder;

/// <summary>The settings that hold for the whole operator. Made by <see cref="OperatorSettingsBuilder"/>.</summary>
public sealed record OperatorSettings
{
    /// <summary>The operator's name: in its Lease, logs and Events.</summary>
    public required string Name { get; init; }

    /// <summary>The one namespace that is watched; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>How replicas share the work.</summary>
    public required LeaderElectionType LeaderElectionType { get; init; }

    /// <summary>How long a Lease holds that is not renewed.</summary>
    public required TimeSpan LeaderElectionLeaseDuration { get; init; }

    /// <summary>How long the leader tries to renew before it gives up.</summary>
    public required TimeSpan LeaderElectionRenewDeadline { get; init; }

    /// <summary>How long each waits between tries.</summary>
    public required TimeSpan LeaderElectionRetryPeriod { get; init; }

    /// <summary>Where what is to be reconciled waits.</summary>
    public required QueueStrategy QueueStrategy { get; init; }

    /// <summary>How many watches several controllers of one kind open. No effect in this engine: see <see cref="Builder.WatchStrategy"/>.</summary>
    public required WatchStrategy WatchStrategy { get; init; }

    /// <summary>Which changes of an object make it reconciled.</summary>
    public required ReconcileStrategy ReconcileStrategy { get; init; }

    /// <summary>Whether an object gets all finalizers of its kind before it is reconciled.</summary>
    public required bool AutoAttachFinalizers { get; init; }

    /// <summary>Whether a finalizer goes when it has succeeded.</summary>
    public required bool AutoDetachFinalizers { get; init; }

    /// <summary>How many objects are reconciled at once, and what happens on failure.</summary>
    public required ParallelReconciliationSettings ParallelReconciliation { get; init; }

    /// <summary>Whether the operator measures itself.</summary>
    public required bool EnableMetrics { get; init; }

    /// <summary>Whether the start fails if a registration can't work.</summary>
    public required bool ValidateRegistrations { get; init; }
}
