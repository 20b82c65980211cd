using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;

namespace LlmKube.Operator.Engine.Tests.Surface;

public sealed class OperatorSettingsTests
{
    [Test]
    public void What_nobody_sets_is_as_KubeOps_has_it()
        => Assert.That(new OperatorSettingsBuilder().Build(), Is.EqualTo(new OperatorSettings
        {
            Name = "kubernetesoperator",
            Namespace = null,
            LeaderElectionType = LeaderElectionType.None,
            LeaderElectionLeaseDuration = TimeSpan.FromSeconds(15),
            LeaderElectionRenewDeadline = TimeSpan.FromSeconds(10),
            LeaderElectionRetryPeriod = TimeSpan.FromSeconds(2),
            QueueStrategy = QueueStrategy.InMemory,
            WatchStrategy = WatchStrategy.PerController,
            ReconcileStrategy = ReconcileStrategy.ByGeneration,
            AutoAttachFinalizers = true,
            AutoDetachFinalizers = true,
            ParallelReconciliation = new ParallelReconciliationSettings
            {
                MaxParallelReconciliations = Environment.ProcessorCount * 2,
                ConflictStrategy = ParallelReconciliationConflictStrategy.WaitForCompletion,
                RequeueDelay = null,
                MaxErrorRetries = 5,
                ErrorBackoffBase = TimeSpan.FromSeconds(2),
            },
            EnableMetrics = true,
            ValidateRegistrations = false,
        }));

    [Test]
    public void Each_fluent_method_sets_what_it_says()
    {
        var builder = new OperatorSettingsBuilder();
        var settings = builder
            .WithName("farm")
            .WithNamespace("north")
            .WithLeaderElection(LeaderElectionType.Single)
            .WithLeaderElectionTimings(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1))
            .WithQueueStrategy(QueueStrategy.Custom)
            .WithWatchStrategy(WatchStrategy.SharedPerEntity)
            .WithReconcileStrategy(ReconcileStrategy.ByResourceVersion)
            .WithAutoAttachFinalizers(false)
            .WithAutoDetachFinalizers(false)
            .WithParallelReconciliation(parallel => parallel
                .WithMaxParallelReconciliations(4)
                .WithConflictStrategy(ParallelReconciliationConflictStrategy.Discard)
                .WithRequeueDelay(TimeSpan.FromSeconds(5))
                .WithMaxErrorRetries(6)
                .WithErrorBackoffBase(TimeSpan.FromSeconds(7)))
            .WithMetrics(false)
            .WithRegistrationValidation()
            .Build();

        Assert.That(settings, Is.EqualTo(new OperatorSettings
        {
            Name = "farm",
            Namespace = "north",
            LeaderElectionType = LeaderElectionType.Single,
            LeaderElectionLeaseDuration = TimeSpan.FromSeconds(3),
            LeaderElectionRenewDeadline = TimeSpan.FromSeconds(2),
            LeaderElectionRetryPeriod = TimeSpan.FromSeconds(1),
            QueueStrategy = QueueStrategy.Custom,
            WatchStrategy = WatchStrategy.SharedPerEntity,
            ReconcileStrategy = ReconcileStrategy.ByResourceVersion,
            AutoAttachFinalizers = false,
            AutoDetachFinalizers = false,
            ParallelReconciliation = new ParallelReconciliationSettings
            {
                MaxParallelReconciliations = 4,
                ConflictStrategy = ParallelReconciliationConflictStrategy.Discard,
                RequeueDelay = TimeSpan.FromSeconds(5),
                MaxErrorRetries = 6,
                ErrorBackoffBase = TimeSpan.FromSeconds(7),
            },
            EnableMetrics = false,
            ValidateRegistrations = true,
        }));
    }

    [Test]
    public void The_timings_of_leader_election_can_be_set_one_by_one()
    {
        var settings = new OperatorSettingsBuilder()
            .WithLeaderElectionLeaseDuration(TimeSpan.FromSeconds(30))
            .WithLeaderElectionRenewDeadline(TimeSpan.FromSeconds(20))
            .WithLeaderElectionRetryPeriod(TimeSpan.FromSeconds(5))
            .Build();

        Assert.That(
            (settings.LeaderElectionLeaseDuration, settings.LeaderElectionRenewDeadline, settings.LeaderElectionRetryPeriod),
            Is.EqualTo((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5))));
    }

    [TestCase(0.5, 0.2, 0.1, "LeaderElectionLeaseDuration must be at least one second")]
    [TestCase(15, 15, 2, "LeaderElectionRenewDeadline must be less than LeaderElectionLeaseDuration (00:00:15)")]
    [TestCase(15, 20, 2, "LeaderElectionRenewDeadline must be less than LeaderElectionLeaseDuration (00:00:15)")]
    [TestCase(15, 10, 0, "LeaderElectionRetryPeriod must be positive")]
    [TestCase(15, 10, -1, "LeaderElectionRetryPeriod must be positive")]
    [TestCase(15, 10, 9, "LeaderElectionRetryPeriod must be less than LeaderElectionRenewDeadline (00:00:10)")]
    public void Timings_of_leader_election_that_can_not_work_are_refused_with_their_names(double lease, double deadline, double period, string problem)
    {
        var builder = new OperatorSettingsBuilder()
            .WithLeaderElectionTimings(TimeSpan.FromSeconds(lease), TimeSpan.FromSeconds(deadline), TimeSpan.FromSeconds(period));

        Assert.That(builder.Build, Throws.Nothing, "Nobody is elected by them.");
        builder.WithLeaderElection(LeaderElectionType.Single);
        Assert.That(builder.Build, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.StartsWith(problem));
    }

    [Test]
    public void An_empty_namespace_is_none() =>
        Assert.That(new OperatorSettingsBuilder().WithNamespace("").Build().Namespace, Is.Null);

    [TestCase(0)]
    [TestCase(-1)]
    public void Reconciling_fewer_than_one_object_at_once_is_refused(int number)
        => Assert.That(
            () => new ParallelReconciliationSettingsBuilder().WithMaxParallelReconciliations(number),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Settings_that_are_built_no_longer_change()
    {
        var builder = new OperatorSettingsBuilder();
        var settings = builder.Build();
        builder.WithName("later").WithParallelReconciliation(parallel => parallel.WithMaxErrorRetries(9));

        Assert.That((settings.Name, settings.ParallelReconciliation.MaxErrorRetries), Is.EqualTo(("kubernetesoperator", 5)));
    }

    [Test]
    public void The_CRD_installer_destroys_nothing_unless_told_to()
    {
        Assert.That(
            new CrdInstallerSettingsBuilder().Build(),
            Is.EqualTo(new CrdInstallerSettings { OverwriteExisting = false, DeleteOnShutdown = false }));
        Assert.That(
            new CrdInstallerSettingsBuilder().WithOverwriteExisting().WithDeleteOnShutdown().Build(),
            Is.EqualTo(new CrdInstallerSettings { OverwriteExisting = true, DeleteOnShutdown = true }));
    }
}
