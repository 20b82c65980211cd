using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator;
using k8s.Models;
using LlmKube.Operator.Engine.Hosting;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Engine.Tests.Hosting;

public class OperatorServiceTests : FakeApiFixture
{
    [Test]
    public async Task On_stop_what_runs_is_ended_and_nothing_new_is_begun()
    {
        var (busy, wasCancelled) = (new TaskCompletionSource(), false);
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(
            Api,
            script => script.OnReconcile = async (widget, cancellationToken) =>
            {
                await busy.Task;
                wasCancelled = cancellationToken.IsCancellationRequested;
                return ReconciliationResult<Widget>.Success(widget);
            },
            s => s.WithParallelReconciliation(p => p.WithMaxParallelReconciliations(1)));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.Put("widgets", Widget.Json("b"));
        await Eventually.IsTrueAsync(() => test.Widgets.Keys().Count == 2);
        var stopping = test.StopAsync();
        busy.SetResult();
        await stopping;
        Assert.That(wasCancelled, Is.False);
        Assert.That(test.Script.Runs("b"), Is.Zero);
    }

    [Test]
    public async Task What_does_not_end_within_the_grace_period_is_cancelled()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = async (widget, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return ReconciliationResult<Widget>.Success(widget);
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        var stopping = test.StopAsync();
        await Eventually.IsTrueAsync(() => stopping.IsCompleted, test.Clock, TimeSpan.FromSeconds(1));
        await stopping;
    }

    [Test]
    public async Task It_is_ready_when_every_store_is_filled_and_lives_while_its_loops_tick()
    {
        var isServed = false;
        Api.Intercept = call => Task.FromResult<(int, string)?>(
            Volatile.Read(ref isServed) || call.Target.Resource != "widgets" ? null : (503, "starting"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Lists("widgets") == 1);
        Assert.That(await HealthAsync(test, "ready"), Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(await HealthAsync(test, "live"), Is.EqualTo(HealthStatus.Healthy));
        Volatile.Write(ref isServed, true);
        await Eventually.IsTrueAsync(() => test.Informers.Of<Widget>()[0].HasSynced, test.Clock, TimeSpan.FromSeconds(1));
        Assert.That(await HealthAsync(test, "ready"), Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task A_loop_that_hangs_is_not_live()
    {
        var hang = new TaskCompletionSource();
        Api.Intercept = async call =>
        {
            if (call.Target.Resource == "widgets") await hang.Task;
            return null;
        };
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Lists("widgets") == 1);
        test.Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.That(await HealthAsync(test, "live"), Is.EqualTo(HealthStatus.Unhealthy));
        hang.SetResult();
        await Eventually.IsTrueAsync(() => test.Informers.Of<Widget>()[0].HasSynced);
        Assert.That(await HealthAsync(test, "live"), Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task Its_metrics_have_the_names_and_labels_of_controller_runtime()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api);
        string text;
        do
        {
            using var stream = new MemoryStream();
            await test.Registry.CollectAndExportAsTextAsync(stream);
            text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        }
        while (!text.Contains("""controller_runtime_reconcile_total{controller="widget",result="success"} 1""", StringComparison.Ordinal)
            || !text.Contains("llmkube_watch_last_event_timestamp_seconds{", StringComparison.Ordinal));
        foreach (var line in new[]
        {
            """controller_runtime_reconcile_total{controller="widget",result="error"} 0""",
            """controller_runtime_reconcile_total{controller="widget",result="requeue"} 0""",
            """controller_runtime_reconcile_total{controller="widget",result="requeue_after"} 0""",
            """controller_runtime_reconcile_errors_total{controller="widget"} 0""",
            """controller_runtime_terminal_reconcile_errors_total{controller="widget"} 0""",
            """controller_runtime_reconcile_time_seconds_bucket{controller="widget",le="60"}""",
            """controller_runtime_max_concurrent_reconciles{controller="widget"} 4""",
            """controller_runtime_active_workers{controller="widget"} 0""",
            """workqueue_depth{name="widget",controller="widget"} 0""",
            """workqueue_adds_total{name="widget",controller="widget"} 1""",
            """workqueue_retries_total{name="widget",controller="widget"} 0""",
            """workqueue_queue_duration_seconds_count{name="widget",controller="widget"} 1""",
            """workqueue_work_duration_seconds_count{name="widget",controller="widget"} 1""",
            """workqueue_unfinished_work_seconds{name="widget",controller="widget"} 0""",
            """workqueue_longest_running_processor_seconds{name="widget",controller="widget"} 0""",
            $$"""rest_client_requests_total{code="200",method="GET",host="{{Api.Address.Authority}}"}""",
            """llmkube_undecodable_objects{kind="widget"} 0""",
        })
        {
            Assert.That(text, Does.Contain(line));
        }
    }

    [Test]
    public async Task Several_controllers_of_one_kind_share_its_watch_and_each_hears_of_everything()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, compose: composition => composition
            .AddController<WidgetController, Widget>().AddController<OtherWidgetController, Widget>());
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 2);
        Assert.That(Api.Lists("widgets"), Is.EqualTo(1));
    }

    [Test]
    public async Task Gauges_of_a_kind_speak_of_all_its_watches()
    {
        var poisoned = Widget.Json("bad", 9);
        poisoned["spec"]!["size"] = "enormous";
        Api.Put("widgets", poisoned);
        Api.Put("widgets", Widget.Json("good", 1));
        await using var test = await TestOperator.StartAsync(Api, compose: composition => composition
            .AddControllerWithLabelSelector<OtherWidgetController, Widget, LargeOnes>()
            .AddControllerWithLabelSelector<WidgetController, Widget, SmallOnes>());
        await Eventually.IsTrueAsync(() => test.Script.Runs("good") == 1 && test.Informers.All.All(informer => informer.HasSynced));
        using var stream = new MemoryStream();
        await test.Registry.CollectAndExportAsTextAsync(stream);
        Assert.That(System.Text.Encoding.UTF8.GetString(stream.ToArray()), Does.Contain("""llmkube_undecodable_objects{kind="widget"} 1"""));
    }

    [Test]
    public void Settings_that_mean_nothing_here_are_named_if_somebody_sets_them()
    {
        Assert.That(SettingsWithoutEffect.In(new OperatorSettingsBuilder().Build()), Is.Empty);
        var settings = new OperatorSettingsBuilder()
            .WithWatchStrategy(WatchStrategy.SharedPerEntity)
            .WithParallelReconciliation(p => p
                .WithConflictStrategy(ParallelReconciliationConflictStrategy.Discard)
                .WithRequeueDelay(TimeSpan.FromSeconds(1))
                .WithMaxErrorRetries(1)
                .WithErrorBackoffBase(TimeSpan.FromSeconds(1)))
            .Build();
        Assert.That(
            SettingsWithoutEffect.In(settings).Select(setting => setting.Name),
            Is.EqualTo(new[] { "WatchStrategy", "ConflictStrategy", "RequeueDelay", "MaxErrorRetries", "ErrorBackoffBase" }));
    }

    [Test]
    public async Task An_empty_namespace_is_none()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(
            Api, settings: s => s.WithNamespace("").WithLeaderElection(LeaderElectionType.Single));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1, "It leads");
        Assert.That(Api.Find("leases", "default", "test-operator-leader"), Is.Not.Null);
        Assert.That(Api.Calls.First(call => call.IsList).Path, Is.EqualTo("/apis/test.llmkube.dev/v1/widgets"));
    }

    [TestCase("operators", "operators")]
    [TestCase(null, "default")]
    public async Task The_lease_is_where_the_operators_are_and_not_where_they_work(string? podNamespace, string expected)
    {
        Environment.SetEnvironmentVariable("POD_NAMESPACE", podNamespace);
        try
        {
            await using var test = await TestOperator.StartAsync(
                Api, settings: s => s.WithNamespace("default").WithLeaderElection(LeaderElectionType.Single));
            await Eventually.IsTrueAsync(() => Api.Find("leases", expected, "test-operator-leader") is not null, "It leads");
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAMESPACE", null);
        }
    }

    [Test]
    public async Task With_a_namespace_nothing_beyond_it_is_asked_for()
    {
        var elsewhere = Widget.Json("b");
        elsewhere["metadata"]!["namespace"] = "elsewhere";
        Api.Put("widgets", Widget.Json("a"));
        Api.Put("widgets", elsewhere);
        await using var test = await TestOperator.StartAsync(Api, settings: s => s.WithNamespace("default"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Assert.That(Api.Calls.Select(call => call.Path), Is.All.EqualTo("/apis/test.llmkube.dev/v1/namespaces/default/widgets"));
        Assert.That(test.Script.Runs("b"), Is.Zero);
    }

    [TestCase(LeaderElectionType.Custom)]
    [TestCase(LeaderElectionType.Scoped)]
    public void What_is_not_supported_is_said_at_once(LeaderElectionType type) => Assert.That(
        () => new ServiceCollection().AddKubernetesOperator(s => s.WithLeaderElection(type)),
        Throws.TypeOf<NotSupportedException>().With.Message.Contains(type.ToString()));

    [Test]
    public async Task Crds_are_installed_before_their_kinds_are_watched_and_deleted_on_shutdown_if_asked()
    {
        var test = await TestOperator.StartAsync(Api, compose: composition =>
        {
            composition.Services.AddSingleton<ICrdResourceFactory, WidgetCrd>();
            composition.AddController<WidgetController, Widget>();
            composition.AddCrdInstaller(crds => crds.WithOverwriteExisting().WithDeleteOnShutdown());
        });
        await test.SyncedAsync();
        Assert.That(Api.Calls.First().Target.Resource, Is.EqualTo("customresourcedefinitions"));
        Assert.That(Api.Find("customresourcedefinitions", "", "widgets.test.llmkube.dev"), Is.Not.Null);
        await test.DisposeAsync();
        Assert.That(Api.Find("customresourcedefinitions", "", "widgets.test.llmkube.dev"), Is.Null);
    }

    [Test]
    public async Task An_API_server_that_is_not_ready_yet_is_waited_for_with_the_crds_and_they_until_they_are_served()
    {
        var (refusals, looks) = (3, 0);
        Api.Intercept = call => Task.FromResult<(int, string)?>(call.Target.Resource != "customresourcedefinitions" ? null
            : call.Method != "GET" && Interlocked.Decrement(ref refusals) >= 0 ? (503, "starting")
            : call.Method == "GET" && Interlocked.Increment(ref looks) <= 3 ? (200, """{"metadata":{"name":"widgets.test.llmkube.dev"}}""")
            : null);
        var clock = new FakeTimeProvider();
        var starting = TestOperator.StartAsync(Api, clock: clock, compose: composition =>
        {
            composition.Services.AddSingleton<ICrdResourceFactory, WidgetCrd>();
            composition.AddController<WidgetController, Widget>();
            composition.AddCrdInstaller();
        });
        await Eventually.IsTrueAsync(() => starting.IsCompleted, clock, TimeSpan.FromSeconds(1));
        await using var test = await starting;
        Assert.That((refusals, looks), Is.EqualTo((-1, 4)));
        Assert.That(Api.Find("customresourcedefinitions", "", "widgets.test.llmkube.dev"), Is.Not.Null);
    }

    [Test]
    public void Without_somebody_who_makes_crds_their_installer_is_refused_at_once() => Assert.That(
        () => new ServiceCollection().AddKubernetesOperator().AddCrdInstaller(),
        Throws.TypeOf<NotSupportedException>().With.Message.Contains("ICrdResourceFactory"));

    private static async Task<HealthStatus> HealthAsync(TestOperator test, string tag) =>
        (await test.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag))).Status;

    private sealed class WidgetCrd : ICrdResourceFactory
    {
        public IEnumerable<V1CustomResourceDefinition> CreateCustomResourceDefinitions(IReadOnlyCollection<Type> entityTypes) =>
            entityTypes.Select(type => new V1CustomResourceDefinition
            {
                ApiVersion = "apiextensions.k8s.io/v1",
                Kind = "CustomResourceDefinition",
                Metadata = new() { Name = "widgets.test.llmkube.dev" },
                Spec = new() { Group = "test.llmkube.dev", Names = new() { Kind = type.Name, Plural = "widgets" }, Scope = "Namespaced", Versions = [] },
            });
    }

    private sealed class LargeOnes : IEntityLabelSelector<Widget>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("size=s9");
    }

    private sealed class SmallOnes : IEntityLabelSelector<Widget>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("size=s1");
    }

    private sealed class OtherWidgetController(Script script) : KubeOps.Abstractions.Reconciliation.Controller.IEntityController<Widget>
    {
        public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
        {
            script.Reconciled.Enqueue(entity);
            return Task.FromResult(ReconciliationResult<Widget>.Success(entity));
        }

        public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }
}
