using k8s;
using k8s.Models;
using LlmKube.Operator.LocalCluster.Controllers.Disruption;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;

namespace LlmKube.Operator.LocalCluster.Tests.Controllers;

public sealed class ServiceStories
{
    private static readonly Dictionary<string, (int Expected, int Healthy, string? Min, string? Max, (int, int) Want)> BudgetCases = new()
    {
        ["one of three may go"] = (3, 3, null, "1", (2, 1)),
        ["none while one is missing"] = (3, 2, null, "1", (2, 0)),
        ["a floor as a number"] = (3, 3, "2", null, (2, 1)),
        ["a floor in percent rounds up"] = (3, 3, "50%", null, (2, 1)),
        ["a ceiling in percent rounds up"] = (3, 3, null, "50%", (1, 2)),
        ["without pods nothing may go"] = (0, 0, "0", null, (0, 0)),
    };

    private TestCluster _cluster = null!;

    public static IEnumerable<string> BudgetStories => BudgetCases.Keys;

    [SetUp]
    public async Task StartAsync() => _cluster = await TestCluster.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_service_lists_its_ready_pods()
    {
        var loading = new PodRule { Image = "web:*", LoadTime = TimeSpan.FromMinutes(1) };
        _cluster.Rules.Add(loading);
        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(Build.Deployment("web", 2), _cluster.Namespace);
        await _cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new()
            {
                Metadata = new() { Name = "web" },
                Spec = new() { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new() { Name = "api", Port = 80, TargetPort = "http" }] },
            },
            _cluster.Namespace);
        await _cluster.UntilAsync("both pods are listed, not ready", async () => (await EndpointsAsync()) is var e && e.Count == 2 && e.All(x => x.Conditions.Ready == false));
        await _cluster.AdvanceUntilAsync("both are ready", async () => (await EndpointsAsync()).Count(e => e.Conditions.Ready == true) == 2, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2));
        var pods = await _cluster.PodsAsync();
        var slice = (await SlicesAsync())[0];
        await _cluster.UntilAsync("Endpoints say the same", async () => (await _cluster.Client.CoreV1.ReadNamespacedEndpointsAsync("web", _cluster.Namespace)).Subsets is [{ Addresses.Count: 2 }]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(slice.Endpoints.Select(e => e.Addresses[0]), Is.EquivalentTo(pods.Select(p => p.Status.PodIP)));
            Assert.That(slice.Ports.Select(p => (p.Name, p.Port)), Is.EqualTo(new[] { ("api", (int?)8080) }));
            Assert.That(slice.Metadata.Labels["kubernetes.io/service-name"], Is.EqualTo("web"));
        }

        await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"replicas":0}}""", V1Patch.PatchType.MergePatch), "web", _cluster.Namespace);
        await _cluster.UntilAsync("none is left", async () => (await EndpointsAsync()).Count == 0);
        await _cluster.Client.CustomObjects.DeleteNamespacedCustomObjectAsync("", "v1", _cluster.Namespace, "services", "web"); // The typed call can't read a Status.
        await _cluster.UntilAsync("slices and Endpoints are gone", async () => (await SlicesAsync()).Count == 0
            && !(await _cluster.Client.CoreV1.ListNamespacedEndpointsAsync(_cluster.Namespace)).Items.Any());
    }

    [TestCaseSource(nameof(BudgetStories))]
    public void A_budget_allows(string story)
    {
        var (expected, healthy, min, max, want) = BudgetCases[story];
        Assert.That(DisruptionController.Budget(expected, healthy, min, max), Is.EqualTo(want));
    }

    [Test]
    public async Task A_budget_follows_its_pods()
    {
        await _cluster.Client.PolicyV1.CreateNamespacedPodDisruptionBudgetAsync(
            new() { Metadata = new() { Name = "web" }, Spec = new() { MaxUnavailable = "1", Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } } } }, _cluster.Namespace);
        await _cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(Build.Deployment("web", 3), _cluster.Namespace);
        await _cluster.UntilAsync("one may go", async () => (await _cluster.Client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("web", _cluster.Namespace)).Status
            is { DisruptionsAllowed: 1, CurrentHealthy: 3, DesiredHealthy: 2, ExpectedPods: 3 });
    }

    private async Task<IList<V1EndpointSlice>> SlicesAsync() =>
        (await _cluster.Client.DiscoveryV1.ListNamespacedEndpointSliceAsync(_cluster.Namespace, labelSelector: "kubernetes.io/service-name=web")).Items;

    private async Task<List<V1Endpoint>> EndpointsAsync() => [.. (await SlicesAsync()).SelectMany(s => s.Endpoints ?? [])];
}
