using System.Globalization;
using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.ApiServer;
using LlmKube.Operator.LocalCluster.Controllers.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

/// <summary>What controllers know of a cluster when events and answers overtake each other.</summary>
public sealed class WatchCacheTests
{
    private ApiServerHost _server = null!;
    private Kubernetes _client = null!;
    private WatchCache<V1ConfigMap> _cache = null!;
    private CancellationTokenSource _stop = null!;
    private Task _running = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await ApiServerHost.StartAsync(new ApiServerOptions());
        _client = new Kubernetes(_server.ClientConfiguration());
        _stop = new CancellationTokenSource();
        _cache = new(new ClusterApi(_client), ResourceType.Of<V1ConfigMap>(), new Lock(), TimeProvider.System, NullLogger.Instance);
        _running = _cache.RunAsync(_stop.Token);
        await _cache.Synced;
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void An_answer_is_seen_before_its_event()
    {
        var written = Map("a", version: ulong.MaxValue);
        _cache.Observe(written);
        Assert.That(_cache.Find("default", "a"), Is.SameAs(written));
    }

    [Test]
    public async Task An_answer_that_comes_after_the_end_of_its_object_brings_it_not_back()
    {
        var written = await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default");
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("a", "default");
        await SeenAsync("b");

        _cache.Observe(written);

        Assert.That(_cache.Find("default", "a"), Is.Null);
    }

    [Test]
    public async Task Nor_does_that_of_an_object_that_has_a_successor()
    {
        var written = await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default");
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("a", "default");
        var successor = await _client.CoreV1.CreateNamespacedConfigMapAsync(Map("a"), "default");
        await SeenAsync("b");

        _cache.Observe(written);

        Assert.That(_cache.Find("default", "a")!.Metadata.Uid, Is.EqualTo(successor.Metadata.Uid));
    }

    private static V1ConfigMap Map(string name, ulong? version = null) =>
        new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = version is null ? null : "1", ResourceVersion = version?.ToString(CultureInfo.InvariantCulture) } };

    /// <summary>Makes an object, and waits until its event has come, and so those before it.</summary>
    private async Task SeenAsync(string name)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cache.Changed += (_, now) =>
        {
            if (now?.Metadata.Name == name) seen.TrySetResult();
        };
        await _client.CoreV1.CreateNamespacedConfigMapAsync(Map(name), "default");
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }
}
