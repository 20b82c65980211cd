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
    /// <remarks>No effect in this engine: see <see cref="ParallelReconciliationConflictStrategy"/>.</remarks>
    public required ParallelReconciliationConflictStrategy ConflictStrategy { get; init; }

    /// <summary>
    /// How long <see cref="ParallelReconciliationConflictStrategy.RequeueAfterDelay"/> waits; null for five seconds.
    /// </summary>
    /// <remarks>No effect in this engine, which does not wait: the object is next when its reconcile ends.</remarks>
    public TimeSpan? RequeueDelay { get; init; }

    /// <summary>How often a failed reconcile is tried again.</summary>
    /// <remarks>No effect in this engine, which never gives up.</remarks>
    public required int MaxErrorRetries { get; init; }

    /// <summary>The wait before the first retry; each further one waits twice as long.</summary>
    /// <remarks>No effect in this engine, whose retries wait from 5 milliseconds, twice as long each time, up to 5 minutes.</remarks>
    public required TimeSpan ErrorBackoffBase { get; init; }
}
