using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class PodLogTests
{
    private const string Log = "/api/v1/namespaces/default/pods/p/log";
    private LocalServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await LocalServer.StartAsync();
        await _server.Admin.ExpectAsync(201, "POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""");
    }

    [TearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [Test]
    public async Task What_a_node_appends_is_read_back()
    {
        await AppendAsync("one\ntw");
        await AppendAsync("o\nthree\n");
        Assert.That(await ReadAsync(""), Is.EqualTo("one\ntwo\nthree\n"));
        Assert.That(await ReadAsync("?tailLines=2"), Is.EqualTo("two\nthree\n"));
        Assert.That(await ReadAsync("?limitBytes=3"), Is.EqualTo("one"));
        Assert.That(await ReadAsync("?container=c"), Is.EqualTo("one\ntwo\nthree\n"));
    }

    [Test]
    public async Task A_restart_keeps_the_log_before()
    {
        await AppendAsync("first\n");
        Assert.That((await _server.Admin.SendAsync("PUT", Log, "second\n", "text/plain")).Code, Is.EqualTo(200));
        Assert.That(await ReadAsync(""), Is.EqualTo("second\n"));
        Assert.That(await ReadAsync("?previous=true"), Is.EqualTo("first\n"));
    }

    [Test]
    public async Task A_container_that_waits_has_no_log()
    {
        var answer = await _server.Admin.ExpectAsync(400, "GET", Log);
        Assert.That(answer.At("message"), Is.EqualTo("container \"c\" in pod \"p\" is waiting to start: ContainerCreating"));
    }

    [Test]
    public async Task A_container_that_isnt_there_is_refused() =>
        Assert.That((await _server.Admin.ExpectAsync(400, "GET", Log + "?container=x")).At("message"), Is.EqualTo("container x is not valid for pod p"));

    [Test]
    public async Task A_pod_that_is_gone_has_no_log()
    {
        await AppendAsync("one\n");
        await _server.Admin.ExpectAsync(200, "DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0");
        await _server.Admin.ExpectAsync(404, "GET", Log);
    }

    [Test]
    public async Task A_follower_reads_on_until_the_pod_is_gone()
    {
        await AppendAsync("{\"n\":1}\n");
        await using var lines = _server.Admin.StreamAsync(Log + "?follow=true").GetAsyncEnumerator();
        Assert.That(await lines.MoveNextAsync(), Is.True);
        await AppendAsync("{\"n\":2}\n");
        Assert.That(await lines.MoveNextAsync(), Is.True);
        Assert.That(Answer.Value(lines.Current, "n"), Is.EqualTo("2"));
        await _server.Admin.ExpectAsync(200, "DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0");
        Assert.That(await lines.MoveNextAsync(), Is.False);
    }

    private async Task AppendAsync(string text) => Assert.That((await _server.Admin.SendAsync("POST", Log, text, "text/plain")).Code, Is.EqualTo(200));

    private async Task<string> ReadAsync(string query) => (await _server.Admin.SendAsync("GET", Log + query, accept: "*/*")).Text;
}
