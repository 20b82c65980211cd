namespace KubeOps.Abstractions.Builder;

/// <summary>Gathers the settings of parallel reconciliation.</summary>
public sealed class ParallelReconciliationSettingsBuilder
{
    /// <summary>How many objects of one kind are reconciled at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public int MaxParallelReconciliations
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = Environment.ProcessorCount * 2;

    /// <inheritdoc cref="ParallelReconciliationSettings.ConflictStrategy" />
    public ParallelReconciliationConflictStrategy ConflictStrategy { get; set; }
        = ParallelReconciliationConflictStrategy.WaitForCompletion;

    /// <inheritdoc cref="ParallelReconciliationSettings.RequeueDelay" />
    public TimeSpan? RequeueDelay { get; set; }

    /// <inheritdoc cref="ParallelReconciliationSettings.MaxErrorRetries" />
    public int MaxErrorRetries { get; set; } = 5;

    /// <inheritdoc cref="ParallelReconciliationSettings.ErrorBackoffBase" />
    public TimeSpan ErrorBackoffBase { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The settings as they stand.</summary>
    public ParallelReconciliationSettings Build() => new()
    {
        MaxParallelReconciliations = MaxParallelReconciliations,
        ConflictStrategy = ConflictStrategy,
        RequeueDelay = RequeueDelay,
        MaxErrorRetries = MaxErrorRetries,
        ErrorBackoffBase = ErrorBackoffBase,
    };
}

/// <summary>Settings of parallel reconciliation, one after the other. Each method returns the same builder.</summary>
public static class ParallelReconciliationSettingsBuilderExtensions
{
    /// <summary>Sets <see cref="ParallelReconciliationSettings.MaxParallelReconciliations"/>.</summary>
    public static ParallelReconciliationSettingsBuilder WithMaxParallelReconciliations(
        this ParallelReconciliationSettingsBuilder builder, int value)
    {
        builder.MaxParallelReconciliations = value;
        return builder;
    }

    /// <summary>Sets <see cref="ParallelReconciliationSettings.ConflictStrategy"/>.</summary>
    public static ParallelReconciliationSettingsBuilder WithConflictStrategy(
        this ParallelReconciliationSettingsBuilder builder, ParallelReconciliationConflictStrategy strategy)
    {
        builder.ConflictStrategy = strategy;
        return builder;
    }

    /// <summary>Sets <see cref="ParallelReconciliationSettings.RequeueDelay"/>.</summary>
    public static ParallelReconciliationSettingsBuilder WithRequeueDelay(
        this ParallelReconciliationSettingsBuilder builder, TimeSpan? delay)
    {
        builder.RequeueDelay = delay;
        return builder;
    }

    /// <summary>Sets <see cref="ParallelReconciliationSettings.MaxErrorRetries"/>.</summary>
    public static ParallelReconciliationSettingsBuilder WithMaxErrorRetries(
        this ParallelReconciliationSettingsBuilder builder, int retries)
    {
        builder.MaxErrorRetries = retries;
        return builder;
    }

    /// <summary>Sets <see cref="ParallelReconciliationSettings.ErrorBackoffBase"/>.</summary>
    public static ParallelReconciliationSettingsBuilder WithErrorBackoffBase(
        this ParallelReconciliationSettingsBuilder builder, TimeSpan backoff)
    {
        builder.ErrorBackoffBase = backoff;
        return builder;
    }
}
