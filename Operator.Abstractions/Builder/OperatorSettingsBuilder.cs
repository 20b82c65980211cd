namespace KubeOps.Abstractions.Builder;

/// <summary>Gathers the settings of the operator.</summary>
public sealed class OperatorSettingsBuilder
{
    /// <inheritdoc cref="OperatorSettings.Name" />
    public string Name { get; set; } = "kubernetesoperator";

    /// <inheritdoc cref="OperatorSettings.Namespace" />
    public string? Namespace { get; set; }

    /// <inheritdoc cref="OperatorSettings.LeaderElectionType" />
    public LeaderElectionType LeaderElectionType { get; set; } = LeaderElectionType.None;

    /// <inheritdoc cref="OperatorSettings.LeaderElectionLeaseDuration" />
    public TimeSpan LeaderElectionLeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRenewDeadline" />
    public TimeSpan LeaderElectionRenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="OperatorSettings.LeaderElectionRetryPeriod" />
    public TimeSpan LeaderElectionRetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="OperatorSettings.QueueStrategy" />
    public QueueStrategy QueueStrategy { get; set; } = QueueStrategy.InMemory;

    /// <inheritdoc cref="OperatorSettings.WatchStrategy" />
    public WatchStrategy WatchStrategy { get; set; } = WatchStrategy.PerController;

    /// <inheritdoc cref="OperatorSettings.ReconcileStrategy" />
    public ReconcileStrategy ReconcileStrategy { get; set; } = ReconcileStrategy.ByGeneration;

    /// <inheritdoc cref="OperatorSettings.AutoAttachFinalizers" />
    public bool AutoAttachFinalizers { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.AutoDetachFinalizers" />
    public bool AutoDetachFinalizers { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.ParallelReconciliation" />
    public ParallelReconciliationSettingsBuilder ParallelReconciliation { get; set; } = new();

    /// <inheritdoc cref="OperatorSettings.EnableMetrics" />
    public bool EnableMetrics { get; set; } = true;

    /// <inheritdoc cref="OperatorSettings.ValidateRegistrations" />
    public bool ValidateRegistrations { get; set; }

    /// <summary>The settings as they stand. An empty namespace, as an unset variable gives it, is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">With leader election on, its timings can't work.</exception>
    public OperatorSettings Build()
    {
        if (LeaderElectionType != LeaderElectionType.None) CheckTimings();
        return Settings();
    }

    // client-go's rules; the Lease itself counts in whole seconds.
    private void CheckTimings()
    {
        if (LeaderElectionLeaseDuration < TimeSpan.FromSeconds(1))
        {
            throw Refused(nameof(LeaderElectionLeaseDuration), LeaderElectionLeaseDuration, "at least one second");
        }

        if (LeaderElectionRenewDeadline >= LeaderElectionLeaseDuration)
        {
            throw Refused(
                nameof(LeaderElectionRenewDeadline),
                LeaderElectionRenewDeadline,
                $"less than {nameof(LeaderElectionLeaseDuration)} ({LeaderElectionLeaseDuration}), or another would lead before this one gives up");
        }

        if (LeaderElectionRetryPeriod <= TimeSpan.Zero)
        {
            throw Refused(nameof(LeaderElectionRetryPeriod), LeaderElectionRetryPeriod, "positive");
        }

        if (LeaderElectionRetryPeriod * 1.2 >= LeaderElectionRenewDeadline)
        {
            throw Refused(
                nameof(LeaderElectionRetryPeriod),
                LeaderElectionRetryPeriod,
                $"less than {nameof(LeaderElectionRenewDeadline)} ({LeaderElectionRenewDeadline}), even if it is a fifth longer by chance");
        }
    }

    private static ArgumentOutOfRangeException Refused(string name, TimeSpan value, string must) => new(name, value, $"{name} must be {must}.");

    private OperatorSettings Settings() => new()
    {
        Name = Name,
        Namespace = string.IsNullOrEmpty(Namespace) ? null : Namespace,
        LeaderElectionType = LeaderElectionType,
        LeaderElectionLeaseDuration = LeaderElectionLeaseDuration,
        LeaderElectionRenewDeadline = LeaderElectionRenewDeadline,
        LeaderElectionRetryPeriod = LeaderElectionRetryPeriod,
        QueueStrategy = QueueStrategy,
        WatchStrategy = WatchStrategy,
        ReconcileStrategy = ReconcileStrategy,
        AutoAttachFinalizers = AutoAttachFinalizers,
        AutoDetachFinalizers = AutoDetachFinalizers,
        ParallelReconciliation = ParallelReconciliation.Build(),
        EnableMetrics = EnableMetrics,
        ValidateRegistrations = ValidateRegistrations,
    };
}
