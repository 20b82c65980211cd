using System.Text.Json.Nodes;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Informers;

/// <summary>How the engine keeps up with the API server, whatever happens to its watches.</summary>
public class WatchTests : FakeApiFixture
{
    [Test]
    public async Task Objects_of_before_the_start_and_of_after_it_are_reconciled()
    {
        Api.Put("widgets", Widget.Json("before"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("before") == 1);
        Api.Put("widgets", Widget.Json("after"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("after") == 1);
        Assert.That(test.Script.Runs("before"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_long_list_is_read_page_by_page()
    {
        for (var i = 0; i < 1201; i++) Api.Put("widgets", Widget.Json($"w{i}"));
        await using var test = await TestOperator.StartAsync(Api);
        await test.SyncedAsync();
        Assert.That(test.Widgets.Keys(), Has.Count.EqualTo(1201));
        Assert.That(Api.Lists("widgets"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_version_that_expires_while_pages_are_read_costs_one_big_page()
    {
        for (var i = 0; i < 600; i++) Api.Put("widgets", Widget.Json($"w{i}"));
        Api.Intercept = call => Task.FromResult<(int, string)?>(
            call.Query["continue"].Count > 0 ? (410, """{"kind":"Status","code":410,"reason":"Expired"}""") : null);
        await using var test = await TestOperator.StartAsync(Api);
        await test.SyncedAsync();
        Assert.That(test.Widgets.Keys(), Has.Count.EqualTo(600));
    }

    [Test]
    public async Task After_a_break_the_watch_goes_on_from_the_last_event_without_a_list()
    {
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        var seen = (string?)Api.Put("widgets", Widget.Json("a"))["metadata"]!["resourceVersion"];
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.BreakWatches();
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 2, test.Clock, TimeSpan.FromMilliseconds(100));
        Assert.That(Api.Calls.Last(call => call.IsWatch).Query["resourceVersion"].ToString(), Is.EqualTo(seen));
        Assert.That(Api.Lists("widgets"), Is.EqualTo(1));
        Api.Put("widgets", Widget.Json("b"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("b") == 1);
        Assert.That(test.Script.Runs("a"), Is.EqualTo(1));
    }

    [Test]
    public async Task After_a_break_the_watch_goes_on_from_the_last_bookmark()
    {
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        Api.Put("others", Other("x"));
        Api.Bookmark();
        var heard = () => test.Informers.Of<Widget>()[0].LastHeard;
        var before = heard();
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        Api.Bookmark();
        await Eventually.IsTrueAsync(() => heard() > before);
        Api.CloseWatches();
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 2, test.Clock, TimeSpan.FromMilliseconds(100));
        Assert.That(Api.Calls.Last(call => call.IsWatch).Query["resourceVersion"].ToString(), Is.EqualTo("103"));
        Assert.That(Api.Lists("widgets"), Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_watch_never_told_is_found_by_a_list_in_the_end()
    {
        Api.Put("widgets", Widget.Json("a"));
        Api.Put("widgets", Widget.Json("kept"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1 && test.Script.Runs("kept") == 1 && Api.Watches("widgets") == 1);
        Api.Unwatched(() =>
        {
            Api.Put("widgets", Widget.Json("b"));
            Api.Remove("widgets", "default", "a");
        });
        Api.Bookmark();

        test.Clock.Advance(TimeSpan.FromHours(2));

        await Eventually.IsTrueAsync(() => test.Script.Runs("b") == 1 && Api.Watches("widgets") == 2);
        Assert.That(Api.Lists("widgets"), Is.EqualTo(2));
        Assert.That(test.Widgets.Keys().Select(k => k.Name), Is.EquivalentTo(new[] { "b", "kept" }));
        Assert.That(test.Script.Runs("kept"), Is.EqualTo(1), "What has not changed is not reconciled again.");
    }

    [Test]
    public async Task A_list_that_is_due_and_refused_takes_no_watch_away()
    {
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        Api.Intercept = call => Task.FromResult<(int, string)?>(call.IsList ? (403, """{"kind":"Status","code":403,"reason":"Forbidden"}""") : null);

        test.Clock.Advance(TimeSpan.FromHours(2));

        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 2);
        Assert.That(Api.Lists("widgets"), Is.EqualTo(2));
        Api.Put("widgets", Widget.Json("a"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.Intercept = null;
        test.Clock.Advance(TimeSpan.FromMinutes(5));
        await Eventually.IsTrueAsync(() => Api.Lists("widgets") == 3 && Api.Watches("widgets") == 3);
    }

    [TestCase(false, TestName = "An_expired_version_told_in_the_stream_lists_exactly_once")]
    [TestCase(true, TestName = "An_expired_version_told_by_status_code_lists_exactly_once")]
    public async Task An_expired_version_lists_exactly_once(bool byStatusCode)
    {
        Api.ExpiresByStatusCode = byStatusCode;
        Api.Put("widgets", Widget.Json("a"));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1 && Api.Watches("widgets") == 1);
        Api.Unwatched(() => Api.Put("widgets", Widget.Json("b")));
        Api.CloseWatches();
        await Eventually.IsTrueAsync(() => test.Script.Runs("b") == 1, test.Clock, TimeSpan.FromMilliseconds(50));
        Api.Put("widgets", Widget.Json("c"));
        await Eventually.IsTrueAsync(() => test.Script.Runs("c") == 1);
        Assert.That(Api.Lists("widgets"), Is.EqualTo(2));
        Assert.That(test.Script.Runs("a"), Is.EqualTo(1), "What has not changed is not reconciled again.");
    }

    [Test]
    public async Task Versions_that_always_expire_do_not_make_a_hot_loop()
    {
        Api.Intercept = call => Task.FromResult<(int, string)?>(
            call.IsWatch ? (410, """{"kind":"Status","code":410,"reason":"Expired"}""") : null);
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 2);

        // The clock stands still: what happens now happens without waiting.
        for (var i = 0; i < 20; i++) await test.Client.GetAsync<Other2>($"probe-{i}", "default");
        Assert.That(Api.Watches("widgets"), Is.EqualTo(2), "The first expiry is listed for at once, the second waits.");
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 5, test.Clock, TimeSpan.FromSeconds(1));
    }

    [TestCase("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"900"}}}""", TestName = "Versions_that_expire_after_a_bookmark_do_not_make_a_hot_loop")]
    [TestCase(
        """{"type":"MODIFIED","object":{"metadata":{"name":"a","namespace":"default","uid":"u","resourceVersion":"900"}}}""",
        TestName = "Versions_that_expire_after_an_event_do_not_make_a_hot_loop")]
    public async Task Versions_that_expire_after_something_was_heard_do_not_make_a_hot_loop(string heard)
    {
        const string Expired = """{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}}""";
        Api.Intercept = call => Task.FromResult<(int, string)?>(call.IsWatch ? (200, $"{heard}\n{Expired}\n") : null);
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 2);
        for (var i = 0; i < 20; i++) await test.Client.GetAsync<Other2>($"probe-{i}", "default");
        Assert.That(Api.Watches("widgets"), Is.EqualTo(2), "The first expiry is listed for at once, the second waits.");
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 5, test.Clock, TimeSpan.FromSeconds(1));
    }

    [Test]
    public async Task A_server_that_closes_every_watch_at_once_does_not_make_a_hot_loop()
    {
        Api.Intercept = call => Task.FromResult<(int, string)?>(call.IsWatch ? (200, "") : null);
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        for (var i = 0; i < 20; i++) await test.Client.GetAsync<Other2>($"probe-{i}", "default");
        Assert.That(Api.Watches("widgets"), Is.EqualTo(1));
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 4, test.Clock, TimeSpan.FromSeconds(1));
        Assert.That(Api.Lists("widgets"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_watch_that_has_gone_silent_is_replaced()
    {
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        Api.MuteWatches();
        Api.Put("widgets", Widget.Json("unheard"));
        Assert.That(test.Script.Runs("unheard"), Is.Zero);
        await Eventually.IsTrueAsync(() => test.Script.Runs("unheard") == 1, test.Clock, TimeSpan.FromSeconds(5));
        Assert.That(Api.Watches("widgets"), Is.GreaterThan(1));
        Assert.That(Api.Lists("widgets"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_watch_that_brings_bookmarks_is_kept()
    {
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Watches("widgets") == 1);
        for (var minute = 0; minute < 10; minute++)
        {
            test.Clock.Advance(TimeSpan.FromMinutes(1));
            var now = test.Clock.GetUtcNow();
            Api.Bookmark();
            await Eventually.IsTrueAsync(() => test.Informers.Of<Widget>()[0].LastHeard >= now);
        }

        Assert.That(Api.Calls, Has.Count.EqualTo(2), "One list and one watch: ten idle minutes cost nothing.");
    }

    [Test]
    public async Task Deletions_that_no_watch_has_seen_reach_the_controller_with_the_last_known_state()
    {
        Api.Put("widgets", Widget.Json("stays"));
        Api.Put("widgets", Widget.Json("goes", 7));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Reconciled.Count == 2 && Api.Watches("widgets") == 1);
        Api.Unwatched(() => Api.Remove("widgets", "default", "goes"));
        Api.CloseWatches();
        await Eventually.IsTrueAsync(() => !test.Script.Deleted.IsEmpty, test.Clock, TimeSpan.FromMilliseconds(50));
        var gone = test.Script.Deleted.Single();
        Assert.That((gone.Metadata.Name, gone.Spec.Size), Is.EqualTo(("goes", 7)));
    }

    [Test]
    public async Task A_name_that_was_deleted_and_created_anew_in_a_gap_is_two_objects()
    {
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1 && Api.Watches("widgets") == 1);
        Api.Unwatched(() =>
        {
            Api.Remove("widgets", "default", "a");
            Api.Put("widgets", Widget.Json("a", 2));
        });
        Api.CloseWatches();
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") >= 2, test.Clock, TimeSpan.FromMilliseconds(50));
        Assert.That(test.Script.Deleted.Single().Spec.Size, Is.EqualTo(1));
        Assert.That(test.Script.Reconciled.Select(widget => widget.Spec.Size), Is.EqualTo(new[] { 1, 2 }), "Nothing of the old one after its end.");
    }

    [Test]
    public async Task A_name_that_is_deleted_and_created_anew_under_a_busy_worker_is_two_objects()
    {
        var busy = new TaskCompletionSource();
        Api.Put("widgets", Widget.Json("a", 1));
        await using var test = await TestOperator.StartAsync(Api, script => script.OnReconcile = async (widget, _) =>
        {
            if (widget.Spec.Size == 1) await busy.Task;
            return KubeOps.Abstractions.Reconciliation.ReconciliationResult<Widget>.Success(widget);
        });
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1);
        Api.Remove("widgets", "default", "a");
        Api.Put("widgets", Widget.Json("a", 2));
        await Eventually.IsTrueAsync(() => test.Widgets.Get(new("default", "a"))?.Spec.Size == 2);
        busy.SetResult();
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 2);
        Assert.That(test.Script.Deleted.Single().Spec.Size, Is.EqualTo(1));
        Assert.That(test.Script.Reconciled.Last().Spec.Size, Is.EqualTo(2));
    }

    [Test]
    public async Task A_kind_that_is_not_served_yet_is_waited_for()
    {
        var isServed = false;
        Api.Put("widgets", Widget.Json("a"));
        Api.Intercept = call => Task.FromResult<(int, string)?>(
            Volatile.Read(ref isServed) || call.Target.Resource != "widgets" ? null : (404, """{"kind":"Status","code":404,"message":"the server could not find the requested resource"}"""));
        await using var test = await TestOperator.StartAsync(Api);
        await Eventually.IsTrueAsync(() => Api.Lists("widgets") == 3, test.Clock, TimeSpan.FromSeconds(1));
        Volatile.Write(ref isServed, true);
        await Eventually.IsTrueAsync(() => test.Script.Runs("a") == 1, test.Clock, TimeSpan.FromSeconds(1));
    }

    private static JsonObject Other(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } };

    [k8s.Models.KubernetesEntity(Group = "test.llmkube.dev", ApiVersion = "v1", Kind = "Other", PluralName = "others")]
    private sealed class Other2 : KubeOps.Abstractions.Entities.CustomKubernetesEntity;
}
