using System.Text.Json.Nodes;
using static LlmKube.Operator.LocalCluster.Tests.Conformance.Objects;

namespace LlmKube.Operator.LocalCluster.Tests.Conformance;

public sealed class WatchTests
{
    private RawApi _api = null!;

    [SetUp]
    public async Task CreateNamespaceAsync() => _api = await ConformanceCluster.NewNamespaceAsync();

    [TearDown]
    public Task DeleteNamespaceAsync() => ConformanceCluster.DeleteNamespaceAsync(_api);

    [Test]
    public async Task Changes_since_a_list_come_in_order()
    {
        var list = await _api.ExpectAsync(200, "GET", Widgets);
        await CreateAsync("a");
        await MergeAsync("a", """{"spec":{"min":2}}""");
        await _api.ExpectAsync(200, "DELETE", Widgets + "/a");
        var events = await TakeAsync($"{Widgets}?watch=true&resourceVersion={list.At("metadata.resourceVersion")}&timeoutSeconds=20", 3);
        Assert.That(events.Select(Type), Is.EqualTo(["ADDED", "MODIFIED", "DELETED"]));
        Assert.That(Answer.Value(events[2], "object.spec.min"), Is.EqualTo("2"), "the last state");
        Assert.That(events.Select(e => long.Parse(Answer.Value(e, "object.metadata.resourceVersion")!, System.Globalization.CultureInfo.InvariantCulture)), Is.Ordered.Ascending);
    }

    [Test]
    public async Task Without_a_version_the_present_is_told_as_added()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        var events = await TakeAsync($"{Widgets}?watch=true&timeoutSeconds=20", 2);
        Assert.That(events.Select(e => (Type(e), Name(e))), Is.EqualTo([("ADDED", "a"), ("ADDED", "b")]));
    }

    [Test]
    public async Task An_object_that_enters_the_selection_is_added_and_one_that_leaves_is_deleted()
    {
        var list = await _api.ExpectAsync(200, "GET", Widgets);
        await CreateAsync("a");
        await MergeAsync("a", """{"metadata":{"labels":{"x":"y"}}}""");
        await MergeAsync("a", """{"metadata":{"labels":{"x":"z"}}}""");
        var events = await TakeAsync($"{Widgets}?watch=true&labelSelector=x%3Dy&resourceVersion={list.At("metadata.resourceVersion")}&timeoutSeconds=20", 2);
        Assert.That(events.Select(Type), Is.EqualTo(["ADDED", "DELETED"]));
        Assert.That(Answer.Value(events[1], "object.metadata.labels.x"), Is.EqualTo("y"), "as the watcher knew it");
    }

    [Test]
    public async Task An_apply_that_changes_nothing_is_not_told()
    {
        const string Wanted = "\"min\":1,\"size\":null";
        var list = await _api.ExpectAsync(200, "GET", Widgets);
        var first = await ApplyAsync(Wanted);
        await NextSecondAsync();
        var second = await ApplyAsync(Wanted);
        Assert.That(second, Is.EqualTo(first), "not even the time in managedFields moves");
        await MergeAsync("a", """{"spec":{"min":2}}""");
        var events = await TakeAsync($"{Widgets}?watch=true&resourceVersion={list.At("metadata.resourceVersion")}&timeoutSeconds=20", 2);
        Assert.That(events.Select(e => (Type(e), Answer.Value(e, "object.spec.min"))), Is.EqualTo([("ADDED", "1"), ("MODIFIED", "2")]));

        async Task<string?> ApplyAsync(string spec) => (await _api.SendAsync("PATCH", Widgets + "/a?fieldManager=one", Widget("a", spec), "application/apply-patch+yaml")).At("metadata");
    }

    [Test]
    public async Task A_pod_that_goes_at_once_is_marked_first()
    {
        var list = await _api.ExpectAsync(200, "GET", Pods);
        await _api.ExpectAsync(201, "POST", Pods, Pod("a", ",\"schedulerName\":\"nobody\""));
        await _api.ExpectAsync(200, "DELETE", Pods + "/a");
        var events = await TakeAsync($"{Pods}?watch=true&resourceVersion={list.At("metadata.resourceVersion")}&timeoutSeconds=20", 3);
        Assert.That(events.Select(e => (Type(e), Answer.Value(e, "object.metadata.deletionTimestamp") is null)), Is.EqualTo([("ADDED", true), ("MODIFIED", false), ("DELETED", false)]));
    }

    [Test]
    public async Task A_watch_sees_one_object_by_name()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        var events = await TakeAsync($"{Widgets}?watch=true&fieldSelector=metadata.name%3Db&timeoutSeconds=20", 1);
        Assert.That(Name(events[0]), Is.EqualTo("b"));
    }

    [Test]
    public async Task Initial_events_end_with_a_bookmark()
    {
        await CreateAsync("a");
        var events = await TakeAsync($"{Widgets}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=20", 2);
        Assert.That(events.Select(Type), Is.EqualTo(["ADDED", "BOOKMARK"]));
        Assert.That(Answer.Value(events[1], "object.metadata.annotations.k8s~io/initial-events-end"), Is.EqualTo("true"));
    }

    [Test]
    public async Task A_watch_ends_at_its_timeout()
    {
        await CreateAsync("a");
        var events = await TakeAsync($"{Widgets}?watch=true&timeoutSeconds=1", int.MaxValue);
        Assert.That(events.Select(Type), Is.EqualTo(["ADDED"]));
    }

    [Test]
    public async Task A_held_objects_end_is_told_when_it_comes()
    {
        await _api.ExpectAsync(201, "POST", Widgets, Widget("a", "\"min\":1", ",\"finalizers\":[\"conformance.llmkube.dev/hold\"]"));
        var list = await _api.ExpectAsync(200, "GET", Widgets);
        await _api.ExpectAsync(200, "DELETE", Widgets + "/a");
        await MergeAsync("a", """{"metadata":{"finalizers":null}}""");
        var events = await TakeAsync($"{Widgets}?watch=true&resourceVersion={list.At("metadata.resourceVersion")}&timeoutSeconds=20", 2);
        Assert.That(events.Select(Type), Is.EqualTo(["MODIFIED", "DELETED"]));
    }

    [Test]
    public async Task A_version_from_the_beginning_of_time_is_gone_or_told_in_full()
    {
        await CreateAsync("a");
        var events = await TakeAsync($"{Widgets}?watch=true&resourceVersion=1&timeoutSeconds=20", 1);
        Assert.That(Type(events[0]), Is.AnyOf("ERROR", "ADDED"));
        if (Type(events[0]) is "ERROR")
        {
            Assert.That((Answer.Value(events[0], "object.code"), Answer.Value(events[0], "object.reason")), Is.EqualTo(("410", "Expired")));
        }
    }

    [Test]
    public async Task Sending_initial_events_needs_a_match()
    {
        var answer = await _api.ExpectAsync(422, "GET", $"{Widgets}?watch=true&sendInitialEvents=true");
        Assert.That(answer.At("message"), Does.Contain("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan").Or.Contain("resourceVersionMatch is required"));
    }

    private Task<Answer> CreateAsync(string name) => _api.ExpectAsync(201, "POST", Widgets, Widget(name));

    private async Task MergeAsync(string name, string patch)
    {
        var answer = await _api.SendAsync("PATCH", $"{Widgets}/{name}", patch, "application/merge-patch+json");
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
    }

    /// <summary>Waits until the server's clock, of which objects show whole seconds, has moved on.</summary>
    private async Task NextSecondAsync()
    {
        var start = await TimeAsync();
        await Eventually.HoldsAsync(async () => await TimeAsync() != start, TimeSpan.FromSeconds(30));

        async Task<string?> TimeAsync() => (await _api.ExpectAsync(201, "POST", Maps + "?dryRun=All", Map("now"))).At("metadata.creationTimestamp");
    }

    private async Task<List<JsonObject>> TakeAsync(string path, int count)
    {
        var events = new List<JsonObject>();
        await foreach (var one in _api.StreamAsync(path))
        {
            events.Add(one);
            if (events.Count == count) break;
        }

        return events;
    }

    private static string? Type(JsonObject one) => Answer.Value(one, "type");

    private static string? Name(JsonObject one) => Answer.Value(one, "object.metadata.name");
}
