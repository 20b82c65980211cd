using System.Text.Json.Nodes;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using LlmKube.Operator.Engine.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmKube.Operator.Engine.Tests.Workers;

/// <summary>What becomes of a reconcile, well or not.</summary>
public class ReconcileTests : FakeApiFixture
{
    [Test]
    public async Task An_exception_is_retried_for_ever_and_fails_no_other_object()
    {
        Api.Put("widgets", Widget.Json("bad"));
        Api.Put("widgets", Widget.Json("good"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (widget, _) =>
            widget.Metadata.Name == "bad" ? throw new InvalidOperationException("No.") : Success(widget));
        await Eventually.IsTrueAsync(() => test.Script.Runs("good") == 1);

        // KubeOps gives up after the sixth run, about a minute later.
        await Eventually.IsTrueAsync(() => test.Script.Runs("bad") >= 25, test.Clock, TimeSpan.FromMinutes(1));
        Assert.That(test.Script.Runs("good"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_failure_without_an_exception_is_retried_as_well()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (widget, _) =>
            Task.FromResult(ReconciliationResult<Widget>.Failure(widget, "Not today.")));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") >= 10, test.Clock, TimeSpan.FromMinutes(1));
        Assert.That(await ScrapeAsync(test), Does.Match("""controller_runtime_reconcile_total\{controller="widget",result="error"\} [1-9]"""));
    }

    [Test]
    public async Task Not_yet_is_looked_at_when_asked_and_is_no_error()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (widget, _) =>
            Task.FromResult(ReconciliationResult<Widget>.Failure(widget, "The model is not ready.", requeueAfter: TimeSpan.FromSeconds(30))));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        await SettledAsync(test, "requeue_after", 1);
        test.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(test.Script.Runs("a"), Is.EqualTo(1));
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 2);
        Assert.That(await ScrapeAsync(test), Does.Contain("""controller_runtime_reconcile_errors_total{controller="widget"} 0"""));
    }

    [Test]
    public async Task A_success_may_ask_to_look_again()
    {
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = (widget, _) =>
            Task.FromResult(ReconciliationResult<Widget>.Success(widget, TimeSpan.FromMinutes(1))));
        await SettledAsync(test, "requeue_after", 1);
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 2);
    }

    [Test]
    public async Task A_change_during_a_reconcile_is_reconciled_afterwards_and_never_at_the_same_time()
    {
        var (busy, running, most) = (new TaskCompletionSource(), 0, 0);
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = async (widget, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            if (widget.Spec.Size == 1) await busy.Task;
            Interlocked.Decrement(ref running);
            return ReconciliationResult<Widget>.Success(widget);
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.Put("widgets", Widget.Json("a", 2));
        Api.Put("widgets", Widget.Json("a", 3));
        await Eventually.IsTrueAsync(() => test.Widgets.Get(new("default", "a"))?.Spec.Size == 3);
        busy.SetResult();
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 2);
        Assert.That(test.Script.Reconciled.Last().Spec.Size, Is.EqualTo(3), "Both changes in one.");
        Assert.That(most, Is.EqualTo(1));
    }

    [Test]
    public async Task One_hot_object_does_not_hold_up_the_others()
    {
        var busy = new TaskCompletionSource();
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = async (widget, _) =>
        {
            if (widget.Metadata.Name == "hot") await busy.Task;
            return ReconciliationResult<Widget>.Success(widget);
        });
        for (var i = 1; i <= 10; i++) Api.Put("widgets", Widget.Json("hot", i));
        Api.Put("widgets", Widget.Json("other"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("other") == 1);
        Assert.That(test.Script.Runs("hot"), Is.EqualTo(1));
        busy.SetResult();
    }

    [Test]
    public async Task A_lost_race_is_retried_at_once_from_what_is_there_now_and_the_other_writers_field_survives()
    {
        Api.Put("widgets", Widget.Json("a", 1));
        var contested = 5;
        await using var test = await TestOperator.StartAsync(Api, (script) => script.OnReconcile = (_, _) => throw new InvalidOperationException("Set below."));
        test.Script.OnReconcile = async (widget, cancellationToken) =>
        {
            if (widget.Status.Seen == widget.Spec.Size) return ReconciliationResult<Widget>.Success(widget);
            if (Interlocked.Decrement(ref contested) >= 0)
            {
                // Somebody else writes between our read and our write.
                var other = Api.Find("widgets", "default", "a")!;
                other["metadata"]!["labels"]!["other"] = $"writer-{contested}";
                Api.Put("widgets", other);
            }

            widget.Status.Seen = widget.Spec.Size;
            return ReconciliationResult<Widget>.Success(await test.Client.UpdateStatusAsync(widget, cancellationToken));
        };

        // The clock stands still: a lost race costs no wait.
        await Eventually.IsTrueAsync(() => (int?)Api.Find("widgets", "default", "a")?["status"]?["seen"] == 1, test.Clock, TimeSpan.FromMilliseconds(1));
        Assert.That((string?)Api.Find("widgets", "default", "a")!["metadata"]!["labels"]!["other"], Is.EqualTo("writer-0"));
        Assert.That(test.Script.Reconciled.All(widget => widget.Spec.Size == 1));
    }

    [Test]
    public async Task What_was_just_written_is_what_is_read_before_the_watch_brings_it()
    {
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1 && Api.Watches("widgets") == 1);
        Api.MuteWatches();
        var widget = Copy(await test.Client.GetAsync<Widget>("a", "default"));
        widget.Spec.Size = 9;
        await test.Client.UpdateAsync(widget);
        var requests = Api.Calls.Count;
        Assert.That((await test.Client.GetAsync<Widget>("a", "default"))!.Spec.Size, Is.EqualTo(9));
        Assert.That((await test.Client.ListAsync<Widget>("default")).Single().Spec.Size, Is.EqualTo(9));
        Assert.That(Api.Calls, Has.Count.EqualTo(requests), "The answer to the write is enough.");
    }

    [Test]
    public async Task A_child_wakes_its_parent_through_the_queue()
    {
        Api.Put("widgets", Widget.Json("parent"));
        await using var test = await TestOperator.StartAsync(Api);
        await SettledAsync(test, "success", 1);
        var queue = test.Services.GetRequiredService<EntityQueue<Widget>>();
        var parent = new Widget { Metadata = new() { Name = "parent", NamespaceProperty = "default" } };
        Assert.That(await queue(parent, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, 0, default));
        await Eventually.IsTrueAsync(() => test.Script.Runs("parent") == 2);
        Assert.That(test.Script.Reconciled.Last().Spec.Size, Is.EqualTo(1), "The key was queued; the state is the stored one.");
        await queue(parent, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.FromSeconds(10), 0, default);
        test.Clock.Advance(TimeSpan.FromSeconds(10));
        await Eventually.IsTrueAsync(() => test.Script.Runs("parent") == 3);
    }

    [Test]
    public async Task By_generation_a_change_of_status_is_no_reason_to_reconcile_and_a_change_of_spec_is()
    {
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await TestOperator.StartAsync(Api, settings: s => s.WithReconcileStrategy(ReconcileStrategy.ByGeneration));
        await SettledAsync(test, "success", 1);
        var withStatus = Widget.Json("a", 1);
        withStatus["status"] = new JsonObject { ["seen"] = 1 };
        Api.Put("widgets", withStatus);
        await Eventually.IsTrueAsync(() => test.Widgets.Get(new("default", "a"))?.Status.Seen == 1);
        var changed = Widget.Json("a", 2);
        changed["status"] = new JsonObject { ["seen"] = 1 };
        Api.Put("widgets", changed);
        await SettledAsync(test, "success", 2);
        Assert.That(test.Script.Reconciled.Select(widget => widget.Spec.Size), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Only_what_the_labels_select_is_watched_and_reconciled()
    {
        Api.Put("widgets", Widget.Json("small", 1));
        Api.Put("widgets", Widget.Json("large", 9));
        await using var test = await TestOperator.StartAsync(
            Api, compose: composition => composition.AddControllerWithLabelSelector<WidgetController, Widget, LargeOnes>());
        await Eventually.IsTrueAsync(() => test.Script.Runs("large") == 1);
        Assert.That(test.Script.Runs("small"), Is.Zero);
        Assert.That(Api.Calls.Where(call => call.Target.Resource == "widgets").All(call => call.Query["labelSelector"] == "size=s9"));

        // A foreign object of a name that the store does not have is seen all the same.
        Assert.That((await test.Client.GetAsync<Widget>("small", "default"))!.Spec.Size, Is.EqualTo(1));
        Assert.That(await test.Client.GetAsync<Widget>("none", "default"), Is.Null);
    }

    [Test]
    public async Task A_failing_deletion_is_told_again_until_the_controller_has_taken_it()
    {
        var failures = 3;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnDeleted = (widget, _) =>
            Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("Not now.") : Success(widget));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.Remove("widgets", "default", "a");
        await Eventually.IsTrueAsync(() => test.Script.Deleted.Count == 4, test.Clock, TimeSpan.FromSeconds(1));
        test.Clock.Advance(TimeSpan.FromHours(1));
        await SettledAsync(test, "success", 2);
        Assert.That(test.Script.Deleted, Has.Count.EqualTo(4));
    }

    private static Task<ReconciliationResult<Widget>> Success(Widget widget) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    private static Widget Copy(Widget? widget) => Engine.Api.WireFormat.Copy(widget!);

    private static Task SettledAsync(TestOperator test, string result, int times) => Eventually.IsTrueAsync(
        async () => (await ScrapeAsync(test)).Contains(
            $$"""controller_runtime_reconcile_total{controller="widget",result="{{result}}"} {{times}}""", StringComparison.Ordinal),
        $"{result} {times}");

    private static async Task<string> ScrapeAsync(TestOperator test)
    {
        using var stream = new MemoryStream();
        await test.Registry.CollectAndExportAsTextAsync(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed class LargeOnes : IEntityLabelSelector<Widget>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("size=s9");
    }
}
