using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;

namespace LlmKube.Operator.LocalCluster.Tests.ApiServer;

public sealed class ApiServerHostTests
{
    private ApiServerHost _server = null!;
    private Kubernetes _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new ApiServerOptions());
        _client = new Kubernetes(_server.ClientConfiguration());
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task The_client_library_creates_reads_lists_and_deletes()
    {
        await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default");
        var list = await _client.CoreV1.ListNamespacedConfigMapAsync("default");
        Assert.That(list.Items.Select(i => i.Metadata.Name), Is.EqualTo(["a"]));
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("a", "default");
        Assert.That(async () => await _client.CoreV1.ReadNamespacedConfigMapAsync("a", "default"), Throws.TypeOf<HttpOperationException>());
    }

    [Test]
    public async Task The_log_knows_every_request()
    {
        var mark = _server.Requests.Count;
        await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default", dryRun: "All");
        await _client.CoreV1.ListNamespacedConfigMapAsync("default");
        var requests = _server.Requests.Since(mark);
        Assert.That(requests.Select(r => (r.Verb, r.Resource, r.StatusCode, r.DryRun, r.IsWrite)), Is.EqualTo([("create", "configmaps", 201, true, false), ("list", "configmaps", 200, false, false)]));
    }

    [Test]
    public async Task Objects_and_address_survive_a_restart()
    {
        await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default");
        var before = _server.Address;
        await _server.StopAsync();
        await _server.RestartAsync();
        Assert.That(_server.Address, Is.EqualTo(before));
        Assert.That((await _client.CoreV1.ReadNamespacedConfigMapAsync("a", "default")).Metadata.Name, Is.EqualTo("a"));
    }

    private static V1ConfigMap Map(string name) => new() { Metadata = new() { Name = name } };
}
