using k8s;
using k8s.Autorest;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Processes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.LocalCluster.Scheduling;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

/// <summary>
/// Controllers, scheduler and nodes (which only pretend, unless they are told to run processes) on a fake clock, around an API server of our own or, if
/// LLMKUBE_TEST_KUBECONFIG names one, around that.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Variable = "LLMKUBE_TEST_KUBECONFIG";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _clients = [];
    private readonly List<Task> _parts = [];
    private readonly string[] _nodes;

    private TestCluster(LocalClusterHost? local, IKubernetes client, FakeTimeProvider time, PodRules rules, NodeFleet fleet)
    {
        Local = local;
        Client = client;
        Time = time;
        Rules = rules;
        Fleet = fleet;
        _nodes = [.. fleet.Names];
    }

    public static bool IsExternal => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Null when the API server is someone else's.</summary>
    public LocalClusterHost? Local { get; }

    public IKubernetes Client { get; }

    public FakeTimeProvider Time { get; }

    public PodRules Rules { get; }

    public NodeFleet Fleet { get; }

    public string Namespace { get; } = $"story-{Guid.NewGuid():n}"[..14];

    public static Task<TestCluster> StartAsync(params NodeSpec[] nodes) => StartAsync(null, nodes);

    /// <param name="processes">How pods are run; volumes are in the same folder. Null: they only pretend.</param>
    /// <param name="nodes">The nodes; two if none are given.</param>
    public static async Task<TestCluster> StartAsync(ProcessOptions? processes, params NodeSpec[] nodes)
    {
        var controllers = processes is null ? new ControllersOptions() : new() { VolumeFolder = processes.VolumeFolder };
        var (rules, fleet) = (new PodRules(), new NodeFleet(nodes.Length == 0 ? NodeSpec.Many(2) : nodes));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        TestCluster cluster;
        if (IsExternal)
        {
            var config = KubernetesClientConfiguration.BuildConfigFromConfigFile(Environment.GetEnvironmentVariable(Variable));
            cluster = new(null, new Kubernetes(config), time, rules, fleet);
            cluster.StartParts(config, controllers, processes);
        }
        else
        {
            var local = await LocalClusterHost.StartAsync(new() { Time = time, Rules = rules, Fleet = fleet, Controllers = controllers, Processes = processes }, patience.Token);
            cluster = new(local, new Kubernetes(local.ApiServer.ClientConfiguration()), time, rules, fleet);
        }

        await cluster.Client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = cluster.Namespace } });
        await cluster.UntilAsync("the nodes are ready", async () => (await cluster.Client.CoreV1.ListNodeAsync()).Items.Count(n => fleet.Names.Contains(n.Metadata.Name) && n.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true) == fleet.Names.Count);
        return cluster;
    }

    /// <summary>Waits until something holds, without moving the clock.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> holds) => AdvanceUntilAsync(what, holds, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>
    /// Moves the clock on by steps until something holds, and gives the parts real time to react in between: a step is taken
    /// when nothing has happened for a moment.
    /// </summary>
    public async Task AdvanceUntilAsync(string what, Func<Task<bool>> holds, TimeSpan step, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var end = Time.GetUtcNow() + limit;
        while (true)
        {
            for (var (quiet, seen) = (0, -1); quiet < 5; seen = Activity)
            {
                if (await HoldsAsync(holds)) return;
                if (patience.IsCancellationRequested) Assert.Fail($"Not within {Patience}: {what}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                quiet = Activity == seen ? quiet + 1 : 0;
            }

            if (step == TimeSpan.Zero) continue;
            if (Time.GetUtcNow() >= end) Assert.Fail($"Not within {limit} of the cluster's time: {what}");
            Time.Advance(step);
        }
    }

    public async Task<List<V1Pod>> PodsAsync(string? selector = null) => [.. (await Client.CoreV1.ListNamespacedPodAsync(Namespace, labelSelector: selector)).Items];

    public async ValueTask DisposeAsync()
    {
        if (Local is null) await CleanAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_parts);
        foreach (var client in _clients) client.Dispose();
        Client.Dispose();
        if (Local is not null) await Local.DisposeAsync();
        _stop.Dispose();
    }

    // The polls of a condition are no activity.
    private int Activity => Local?.ApiServer.Requests.CountOf(r => r.IsWrite) ?? 0;

    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private void StartParts(KubernetesClientConfiguration config, ControllersOptions controllers, ProcessOptions? processes)
    {
        _parts.Add(ControllersHost.RunAsync(Connect(), controllers with { Time = Time }, _stop.Token));
        _parts.Add(SchedulerHost.RunAsync(Connect(), new() { Time = Time }, _stop.Token));
        _parts.Add(NodesHost.RunAsync(Connect(), new() { Time = Time, Fleet = Fleet, Rules = Rules, Processes = processes }, _stop.Token));

        Kubernetes Connect()
        {
            var client = new Kubernetes(config);
            _clients.Add(client);
            return client;
        }
    }

    /// <summary>Leaves another's cluster as it was found.</summary>
    private async Task CleanAsync()
    {
        await Client.CoreV1.DeleteNamespaceAsync(Namespace);
        await AdvanceUntilAsync("the namespace is gone", async () => (await Client.CoreV1.ListNamespaceAsync()).Items.All(n => n.Metadata.Name != Namespace), TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
        foreach (var node in _nodes.Concat(Fleet.Names).Distinct()) Fleet.Remove(node);
        await UntilAsync("the nodes are gone", async () => (await Client.CoreV1.ListNodeAsync()).Items.All(n => !_nodes.Contains(n.Metadata.Name)));
    }
}
