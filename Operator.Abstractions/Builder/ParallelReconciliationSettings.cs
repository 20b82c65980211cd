namespace KubeOps.Abstractions.Builder;

/// <summary>
/// How many objects are reconciled at once, and what happens on failure. Made by
/// <see cref="ParallelReconciliationSettingsBuilder"/>.
/// </summary>
public sealed record ParallelReconciliationSettings
{
    /// <summary>How many objects of one kind are reconciled at once.</summary>
    public required int MaxParallelReconciliations { get; init; }

    /// <summary>What happens to a request for an object that is being reconciled.</summary>
    public required ParallelReconciliationConflictStrategy ConflictStrategy { get; init; }

    /// <summary>
    /// How long <see cref="ParallelReconciliationConflictStrategy.RequeueAfterDelay"/> waits; null for five seconds.
    /// </summary>
    public TimeSpan? RequeueDelay { get; init; }

    /// <summary>How often a failed reconcile is tried again.</summary>
    public required int MaxErrorRetries { get; init; }

    /// <summary>The wait before the first retry; each further one waits twice as long.</summary>
    public required TimeSpan ErrorBackoffBase { get; init; }
}
