namespace KubeOps.Abstractions.Builder;

/// <summary>Settings of the operator, one after the other. Each method returns the same builder.</summary>
public static class OperatorSettingsBuilderExtensions
{
    /// <summary>Sets <see cref="OperatorSettings.Name"/>.</summary>
    public static OperatorSettingsBuilder WithName(this OperatorSettingsBuilder builder, string name)
    {
        builder.Name = name;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.Namespace"/>; null watches all.</summary>
    public static OperatorSettingsBuilder WithNamespace(this OperatorSettingsBuilder builder, string? ns)
    {
        builder.Namespace = ns;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.LeaderElectionType"/>.</summary>
    public static OperatorSettingsBuilder WithLeaderElection(this OperatorSettingsBuilder builder, LeaderElectionType type)
    {
        builder.LeaderElectionType = type;
        return builder;
    }

    /// <summary>Sets the three timings of leader election.</summary>
    public static OperatorSettingsBuilder WithLeaderElectionTimings(
        this OperatorSettingsBuilder builder, TimeSpan leaseDuration, TimeSpan renewDeadline, TimeSpan retryPeriod)
    {
        builder.LeaderElectionLeaseDuration = leaseDuration;
        builder.LeaderElectionRenewDeadline = renewDeadline;
        builder.LeaderElectionRetryPeriod = retryPeriod;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.LeaderElectionLeaseDuration"/>.</summary>
    public static OperatorSettingsBuilder WithLeaderElectionLeaseDuration(
        this OperatorSettingsBuilder builder, TimeSpan leaseDuration)
    {
        builder.LeaderElectionLeaseDuration = leaseDuration;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.LeaderElectionRenewDeadline"/>.</summary>
    public static OperatorSettingsBuilder WithLeaderElectionRenewDeadline(
        this OperatorSettingsBuilder builder, TimeSpan renewDeadline)
    {
        builder.LeaderElectionRenewDeadline = renewDeadline;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.LeaderElectionRetryPeriod"/>.</summary>
    public static OperatorSettingsBuilder WithLeaderElectionRetryPeriod(
        this OperatorSettingsBuilder builder, TimeSpan retryPeriod)
    {
        builder.LeaderElectionRetryPeriod = retryPeriod;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.QueueStrategy"/>.</summary>
    public static OperatorSettingsBuilder WithQueueStrategy(this OperatorSettingsBuilder builder, QueueStrategy strategy)
    {
        builder.QueueStrategy = strategy;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.WatchStrategy"/>.</summary>
    public static OperatorSettingsBuilder WithWatchStrategy(this OperatorSettingsBuilder builder, WatchStrategy strategy)
    {
        builder.WatchStrategy = strategy;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.ReconcileStrategy"/>.</summary>
    public static OperatorSettingsBuilder WithReconcileStrategy(
        this OperatorSettingsBuilder builder, ReconcileStrategy strategy)
    {
        builder.ReconcileStrategy = strategy;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.AutoAttachFinalizers"/>.</summary>
    public static OperatorSettingsBuilder WithAutoAttachFinalizers(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.AutoAttachFinalizers = value;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.AutoDetachFinalizers"/>.</summary>
    public static OperatorSettingsBuilder WithAutoDetachFinalizers(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.AutoDetachFinalizers = value;
        return builder;
    }

    /// <summary>Changes <see cref="OperatorSettings.ParallelReconciliation"/>.</summary>
    public static OperatorSettingsBuilder WithParallelReconciliation(
        this OperatorSettingsBuilder builder, Action<ParallelReconciliationSettingsBuilder> configure)
    {
        configure(builder.ParallelReconciliation);
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.EnableMetrics"/>.</summary>
    public static OperatorSettingsBuilder WithMetrics(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.EnableMetrics = value;
        return builder;
    }

    /// <summary>Sets <see cref="OperatorSettings.ValidateRegistrations"/>.</summary>
    public static OperatorSettingsBuilder WithRegistrationValidation(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.ValidateRegistrations = value;
        return builder;
    }
}
