using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Tests.Conformance;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class HistoryTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Test]
    public async Task A_watch_from_before_the_history_is_told_by_an_error_event()
    {
        await using var server = await LocalServer.StartAsync();
        var revision = await RevisionAsync(server);
        server.Host.CompactHistory();
        await CreateAsync(server, "a");
        server.Host.CompactHistory();
        var events = await TakeAsync(server, $"?watch=1&resourceVersion={revision}", 1);
        Assert.That((Answer.Value(events[0], "type"), Answer.Value(events[0], "object.code"), Answer.Value(events[0], "object.reason")), Is.EqualTo(("ERROR", "410", "Expired")));
    }

    [Test]
    public async Task It_can_be_told_by_the_answers_status_instead()
    {
        await using var server = await LocalServer.StartAsync(new() { ExpiredWatch = ExpiredWatch.HttpStatus });
        var revision = await RevisionAsync(server);
        await CreateAsync(server, "a");
        server.Host.CompactHistory();
        var answer = await server.Admin.ExpectAsync(410, "GET", $"{Maps}?watch=1&resourceVersion={revision}");
        Assert.That(answer.At("reason"), Is.EqualTo("Expired"));
    }

    [Test]
    public async Task A_short_history_forgets_the_oldest()
    {
        await using var server = await LocalServer.StartAsync(new() { History = 2, ExpiredWatch = ExpiredWatch.HttpStatus });
        await CreateAsync(server, "a");
        var early = await RevisionAsync(server);
        await CreateAsync(server, "b");
        var late = await RevisionAsync(server);
        await CreateAsync(server, "c");
        await CreateAsync(server, "d");
        await server.Admin.ExpectAsync(410, "GET", $"{Maps}?watch=1&resourceVersion={long.Parse(early, System.Globalization.CultureInfo.InvariantCulture) - 1}");
        var events = await TakeAsync(server, $"?watch=1&resourceVersion={late}", 2);
        Assert.That(events.Select(e => Answer.Value(e, "object.metadata.name")), Is.EqualTo(["c", "d"]));
    }

    [Test]
    public async Task A_list_can_look_back_as_far_as_the_history()
    {
        await using var server = await LocalServer.StartAsync();
        await CreateAsync(server, "a");
        var then = await RevisionAsync(server);
        await server.Admin.ExpectAsync(200, "DELETE", Maps + "/a");
        var exact = await server.Admin.ExpectAsync(200, "GET", $"{Maps}?resourceVersion={then}&resourceVersionMatch=Exact");
        Assert.That(exact.At("items[0].metadata.name"), Is.EqualTo("a"));
        server.Host.CompactHistory();
        await server.Admin.ExpectAsync(410, "GET", $"{Maps}?resourceVersion={then}&resourceVersionMatch=Exact");
    }

    [Test]
    public async Task A_page_whose_snapshot_is_gone_offers_to_go_on_with_the_present()
    {
        await using var server = await LocalServer.StartAsync();
        foreach (var name in (string[])["a", "b", "c"]) await CreateAsync(server, name);
        var first = await server.Admin.ExpectAsync(200, "GET", Maps + "?limit=1");
        await CreateAsync(server, "d");
        server.Host.CompactHistory();
        var expired = await server.Admin.ExpectAsync(410, "GET", $"{Maps}?limit=9&continue={first.At("metadata.continue")}");
        var rest = await server.Admin.ExpectAsync(200, "GET", $"{Maps}?limit=9&continue={expired.At("metadata.continue")}");
        Assert.That((rest.At("items[0].metadata.name"), rest.At("items[2].metadata.name")), Is.EqualTo(("b", "d")));
    }

    [Test]
    public async Task A_watch_ends_with_the_definition_of_its_kind()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        const string Widgets = "/apis/history.llmkube.dev/v1/namespaces/default/widgets";
        await using var server = await LocalServer.StartAsync();
        await server.Admin.ExpectAsync(201, "POST", Definitions, WidgetDefinition.Json("history.llmkube.dev"));
        var watching = server.Admin.StreamAsync($"{Widgets}?watch=1").ToListAsync();
        await server.Host.Requests.WaitForAsync(r => r is { Verb: "watch", StatusCode: 200 });

        await server.Admin.ExpectAsync(200, "DELETE", $"{Definitions}/widgets.history.llmkube.dev");

        Assert.That(await watching, Is.Empty);
        await server.Admin.ExpectAsync(404, "GET", Widgets);
    }

    [Test]
    public async Task Bookmarks_come_on_the_servers_clock()
    {
        var time = new FakeTimeProvider();
        await using var server = await LocalServer.StartAsync(new() { Time = time, BookmarkInterval = TimeSpan.FromSeconds(10) });
        var revision = await RevisionAsync(server);
        var stream = server.Admin.StreamAsync($"{Maps}?watch=1&allowWatchBookmarks=true&resourceVersion={revision}").GetAsyncEnumerator();
        var next = stream.MoveNextAsync().AsTask();
        await server.Host.Requests.WaitForAsync(r => r.Verb is "watch");
        // Another resource moves on; the bookmark says that this one is seen up to there.
        await server.Admin.ExpectAsync(201, "POST", "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"}}""");
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        Assert.That(await next, Is.True);
        Assert.That(Answer.Value(stream.Current, "type"), Is.EqualTo("BOOKMARK"));
        Assert.That(long.Parse(Answer.Value(stream.Current, "object.metadata.resourceVersion")!, System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(long.Parse(revision, System.Globalization.CultureInfo.InvariantCulture)));
        await stream.DisposeAsync();
    }

    [Test]
    public async Task Dropped_streams_end()
    {
        await using var server = await LocalServer.StartAsync();
        var watching = TakeAsync(server, "?watch=1", int.MaxValue);
        await server.Host.Requests.WaitForAsync(r => r.Verb is "watch");
        await server.Host.DropStreamsAsync();
        Assert.That(await watching, Is.Empty);
    }

    [Test]
    public async Task A_write_reaches_every_watcher()
    {
        await using var server = await LocalServer.StartAsync();
        var revision = await RevisionAsync(server);
        var watchers = Enumerable.Range(0, 20).Select(_ => TakeAsync(server, $"?watch=1&resourceVersion={revision}", 3)).ToList();
        await server.Host.Requests.WaitForAsync(r => r.Verb is "watch", 20);
        foreach (var name in (string[])["a", "b", "c"]) await CreateAsync(server, name);
        foreach (var watcher in watchers) Assert.That((await watcher).Select(e => Answer.Value(e, "object.metadata.name")), Is.EqualTo(["a", "b", "c"]));
    }

    private static async Task<string> RevisionAsync(LocalServer server) => (await server.Admin.ExpectAsync(200, "GET", Maps)).At("metadata.resourceVersion")!;

    private static Task<Answer> CreateAsync(LocalServer server, string name) => server.Admin.ExpectAsync(201, "POST", Maps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private static async Task<List<JsonObject>> TakeAsync(LocalServer server, string query, int count)
    {
        var events = new List<JsonObject>();
        try
        {
            await foreach (var one in server.Admin.StreamAsync(Maps + query))
            {
                events.Add(one);
                if (events.Count == count) break;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // A dropped stream may end in the middle of its framing.
        }

        return events;
    }
}
