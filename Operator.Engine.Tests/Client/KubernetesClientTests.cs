using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.KubernetesClient;
using KubeOps.KubernetesClient.Selectors;
using LlmKube.Operator.Engine.Api;
using LlmKube.Operator.Engine.Tests.Fakes;

namespace LlmKube.Operator.Engine.Tests.Client;

public class KubernetesClientTests
{
    private FakeApi _api = null!;
    private KubeOps.KubernetesClient.KubernetesClient _concrete = null!;

    private IKubernetesClient Client => _concrete;

    [SetUp]
    public async Task StartAsync()
    {
        _api = await FakeApi.StartAsync();
        _concrete = new(_api.Configuration());
    }

    [TearDown]
    public async Task StopAsync()
    {
        _concrete.Dispose();
        await _api.DisposeAsync();
    }

    [Test]
    public async Task An_object_that_is_not_there_is_null() => Assert.That(await Client.GetAsync<V1Pod>("none", "default"), Is.Null);

    [Test]
    public async Task An_object_is_created_read_changed_and_deleted()
    {
        var created = await Client.CreateAsync(Pod("a"));
        Assert.That(created.Metadata.Uid, Is.Not.Null);
        created.Metadata.Labels = new Dictionary<string, string> { ["x"] = "y" };
        var updated = await Client.UpdateAsync(created);
        Assert.That((await Client.GetAsync<V1Pod>("a", "default"))!.Metadata.Labels["x"], Is.EqualTo("y"));
        updated.Status = new() { Phase = "Running" };
        await Client.UpdateStatusAsync(updated);
        Assert.That(_api.Calls.Last().Path, Is.EqualTo("/api/v1/namespaces/default/pods/a/status"));
        Assert.That((await Client.GetAsync<V1Pod>("a", "default"))!.Status.Phase, Is.EqualTo("Running"));
        await Client.DeleteAsync<V1Pod>("a", "default");
        await Client.DeleteAsync<V1Pod>("a", "default");
        Assert.That(await Client.GetAsync<V1Pod>("a", "default"), Is.Null);
    }

    [Test]
    public async Task An_outdated_write_is_refused_with_the_servers_words()
    {
        var created = await Client.CreateAsync(Pod("a"));
        created.Metadata.ResourceVersion = "1";
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => Client.UpdateAsync(created));
        Assert.That(refused!.Response.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(refused.Message, Does.Contain("the object has been modified"));
        Assert.That(((V1Status)refused.Body).Reason, Is.EqualTo("Conflict"));
    }

    [Test]
    public async Task Saving_creates_or_updates()
    {
        await Client.SaveAsync(Pod("a"));
        var again = Pod("a");
        again.Metadata.Labels = new Dictionary<string, string> { ["x"] = "y" };
        await Client.SaveAsync(again);
        Assert.That((await Client.GetAsync<V1Pod>("a", "default"))!.Metadata.Labels["x"], Is.EqualTo("y"));
    }

    [TestCase(V1Patch.PatchType.JsonPatch, "application/json-patch+json")]
    [TestCase(V1Patch.PatchType.MergePatch, "application/merge-patch+json")]
    [TestCase(V1Patch.PatchType.StrategicMergePatch, "application/strategic-merge-patch+json")]
    [TestCase(V1Patch.PatchType.ApplyPatch, "application/apply-patch+yaml")]
    public async Task Every_kind_of_patch_can_be_sent(V1Patch.PatchType type, string contentType)
    {
        _api.Put("pods", Widget.Json("a"));
        _api.Intercept = call => Task.FromResult<(int, string)?>((200, """{"metadata":{"name":"a"}}"""));
        object body = type == V1Patch.PatchType.JsonPatch ? new[] { new { op = "remove", path = "/spec/x" } } : Pod("a");
        await Client.PatchAsync<V1Pod>(new V1Patch(body, type), "a", "default", fieldManager: "me", force: true, dryRun: "All");
        var call = _api.Calls.Last();
        Assert.That(call.ContentType, Is.EqualTo(contentType));
        Assert.That(call.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()), Is.EquivalentTo(
            new Dictionary<string, string> { ["fieldManager"] = "me", ["force"] = "true", ["dryRun"] = "All" }));
    }

    [Test]
    public async Task A_long_list_is_read_to_its_end()
    {
        for (var i = 0; i < 501; i++) _api.Put("pods", Widget.Json($"p{i}"));
        Assert.That(await Client.ListAsync<V1Pod>("default", (string?)null), Has.Count.EqualTo(501));
        Assert.That(_api.Lists("pods"), Is.EqualTo(2));
    }

    [Test]
    public async Task Selectors_become_query_parameters()
    {
        await Client.ListAsync<V1Pod>(
            null,
            new EqualsLabelSelector("app", "a", "b"),
            new NotEqualsLabelSelector("tier", "x"),
            new ExistsLabelSelector("here"),
            new NotExistsLabelSelector("gone"),
            new EqualsFieldSelector("metadata.name", "n"),
            new NotEqualsFieldSelector("spec.nodeName", "m"));
        var call = _api.Calls.Single();
        Assert.That(call.Path, Is.EqualTo("/api/v1/pods"));
        Assert.That(call.Query["labelSelector"].ToString(), Is.EqualTo("app in (a,b),tier notin (x),here,!gone"));
        Assert.That(call.Query["fieldSelector"].ToString(), Is.EqualTo("metadata.name=n,spec.nodeName!=m"));
    }

    [Test]
    public async Task A_watch_is_a_stream_of_changes()
    {
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            await foreach (var (type, widget) in Client.WatchAsync<Widget>("default", cancellationToken: stop.Token))
            {
                if (type == WatchEventType.Deleted) return widget.Metadata.Name;
            }

            return null;
        });
        await Eventually.IsTrueAsync(() => _api.Watches("widgets") == 1);
        _api.Put("widgets", Widget.Json("a"));
        _api.Remove("widgets", "default", "a");
        Assert.That(await watching, Is.EqualTo("a"));
        await stop.CancelAsync();
    }

    [Test]
    public async Task A_watcher_calls_back()
    {
        var seen = new TaskCompletionSource<string>();
        using var watcher = Client.Watch<Widget>((type, widget) => seen.TrySetResult($"{type} {widget.Metadata.Name}"), @namespace: "default");
        await Eventually.IsTrueAsync(() => _api.Watches("widgets") == 1);
        _api.Put("widgets", Widget.Json("a"));
        Assert.That(await seen.Task, Is.EqualTo("Added a"));
    }

    [Test]
    public async Task Cancelling_its_token_ends_a_watch()
    {
        using var stop = new CancellationTokenSource();
        var (closed, errors) = (new TaskCompletionSource(), new List<Exception>());
        using var watcher = Client.Watch<Widget>(
            (_, _) => { }, errors.Add, closed.SetResult, "default", cancellationToken: stop.Token);
        await Eventually.IsTrueAsync(() => _api.Watches("widgets") == 1);
        await stop.CancelAsync();
        await Eventually.IsTrueAsync(() => closed.Task.IsCompleted, "The end of the watch");
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public void There_is_nothing_to_forget_about_types() => Assert.That(KubeOps.KubernetesClient.KubernetesClient.ClearMetadataCache, Throws.Nothing);

    [Test]
    public async Task An_expired_watch_says_so()
    {
        _api.Forget();
        var expired = await Assert.ThrowsAsync<KubernetesException>(async () =>
        {
            await foreach (var _ in Client.WatchAsync<Widget>(resourceVersion: "1"))
            {
                // Nothing comes.
            }
        });
        Assert.That(expired!.Status.Code, Is.EqualTo(410));
    }

    [Test]
    public async Task What_a_store_covers_costs_no_request_and_what_it_does_not_cover_does()
    {
        var elsewhere = Widget.Json("b", 2);
        elsewhere["metadata"]!["namespace"] = "elsewhere";
        _api.Put("widgets", Widget.Json("a", 1));
        _api.Put("widgets", elsewhere);
        await using var test = await TestOperator.StartAsync(_api);
        await Eventually.IsTrueAsync(() => test.Script.Reconciled.Count == 2 && _api.Watches("widgets") == 1);
        var before = _api.Calls.Count;
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await test.Client.GetAsync<Widget>("a", "default"))!.Spec.Size, Is.EqualTo(1));
            Assert.That(await test.Client.GetAsync<Widget>("none", "default"), Is.Null);
            Assert.That(await test.Client.ListAsync<Widget>(), Has.Count.EqualTo(2));
            Assert.That(await test.Client.ListAsync<Widget>("elsewhere", (string?)null), Has.Count.EqualTo(1));
            Assert.That(await test.Client.ListAsync<Widget>(null, "size=s1"), Has.Count.EqualTo(1));
            Assert.That(await test.Client.ListAsync<Widget>(null, "size notin (s1)"), Has.Count.EqualTo(1));
            Assert.That(await test.Client.ListAsync<Widget>(null, null, "metadata.name=b"), Has.Count.EqualTo(1));
        });
        Assert.That(_api.Calls, Has.Count.EqualTo(before));

        await test.Client.ListAsync<Widget>(null, null, "spec.size=1");
        await test.Client.GetAsync<V1Pod>("p", "default");
        Assert.That(_api.Calls, Has.Count.EqualTo(before + 2));
    }

    [Test]
    public void A_type_that_is_no_entity_is_refused_with_the_cure() => Assert.That(
        () => ResourceType.Of<string>(), Throws.ArgumentException.With.Message.Contains("[KubernetesEntity"));

    [TestCase(typeof(V1Pod), "ns", "a", "status", ExpectedResult = "api/v1/namespaces/ns/pods/a/status")]
    [TestCase(typeof(V1Node), "ignored", "a", null, ExpectedResult = "api/v1/nodes/a")]
    [TestCase(typeof(V1Deployment), null, null, null, ExpectedResult = "apis/apps/v1/deployments")]
    [TestCase(typeof(Widget), "a b", null, null, ExpectedResult = "apis/test.llmkube.dev/v1/namespaces/a%20b/widgets")]
    public string Paths_are_those_of_the_api(Type type, string? ns, string? name, string? subresource) =>
        ResourceType.Of(type).Path(ns, name, subresource);

    private static V1Pod Pod(string name) => new() { Metadata = new() { Name = name, NamespaceProperty = "default" } };
}
