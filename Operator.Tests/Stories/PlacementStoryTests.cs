using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Options;
using LlmKube.Operator.Reconciling;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Where fetches and servers run because of the claim that has the weights, by a scheduler that waits for the first consumer, on nodes that take a volume one at a time.</summary>
[Parallelizable]
public sealed class PlacementStoryTests
{
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Ns => _cluster.Namespace;

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_fetch_goes_to_the_node_with_the_GPU_where_its_server_will_be()
    {
        await StartAsync([NodeSpec.Sized("a-cpu"), NodeSpec.Sized("b-cpu"), NodeSpec.Sized("c-gpu", gpus: 1)]);
        _cluster.Rules.Add(Fetches.Endless);
        await _cluster.CreateServiceAsync("chat", with: s => s.Resources = new InferenceResources { Gpu = 1 });
        await _cluster.CreateModelAsync("tiny");

        var fetch = await Eventually.SeeAsync(() => PodsAsync(Labels.CacheKey), p => p is [{ Status.Phase: "Running" }], "the fetch runs");
        Assert.That(fetch[0].Spec.NodeName, Is.EqualTo("c-gpu"));

        _cluster.Rules.Remove(Fetches.Endless);
        await _cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Ns, labelSelector: Labels.CacheKey, gracePeriodSeconds: 0);
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
    }

    [TestCase("standard", TestName = "Two_services_on_a_volume_that_is_on_one_node_run_on_it")]
    [TestCase("shared", TestName = "Two_services_on_a_volume_that_moves_run_on_one_node")]
    public async Task Two_services_on_one_claim_run_on_one_node(string storageClass)
    {
        await StartAsync(NodeSpec.Many(3), new OperatorOptions { ModelCacheStorageClass = storageClass });
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("a");
        await _cluster.CreateServiceAsync("b", with: s => s.Replicas = 2);

        await _cluster.ServiceAsync("a", s => s.Phase == InferenceServicePhases.Ready);
        await _cluster.ServiceAsync("b", s => s.Phase == InferenceServicePhases.Ready);

        Assert.That((await PodsAsync(Labels.Service)).Select(p => p.Spec.NodeName).Distinct().ToList(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Services_that_cannot_share_a_node_are_told_and_are_cured_by_a_claim_of_their_own()
    {
        await StartAsync(NodeSpec.Many(2, gpus: 1));
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("first", with: s => s.Resources = new InferenceResources { Gpu = 1 });
        await _cluster.ServiceAsync("first", s => s.Phase == InferenceServicePhases.Ready);

        await _cluster.CreateServiceAsync("second", with: s => s.Resources = new InferenceResources { Gpu = 1 });

        var tied = await _cluster.ServiceAsync("second", s => s.Conditions.IsTrue(ConditionTypes.CacheSingleNode));
        Assert.That(tied.Conditions.Find(ConditionTypes.CacheSingleNode)!.Message, Does.Contain("ReadWriteMany").And.Contain("claimName").And.Contain("Ephemeral"));
        await _cluster.EventsAsync(e => e.Items.Any(i => i is { Reason: Reasons.CacheSingleNode, InvolvedObject.Name: "second" }), "an Event says so");
        var first = await _cluster.Services.ReadNamespacedAsync<InferenceService>(Ns, "first");
        Assert.That(first.Status.Conditions.Find(ConditionTypes.CacheSingleNode), Is.Null, "it runs");

        await _cluster.CreateClaimAsync("mine");
        await _cluster.PatchServiceAsync("second", new { modelCache = new { claimName = "mine" } });

        var cured = await _cluster.ServiceAsync("second", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(cured.Conditions.Find(ConditionTypes.CacheSingleNode), Is.Null);
        Assert.That((await PodsAsync($"{Labels.Service} in (first, second)")).Select(p => p.Spec.NodeName).Distinct().ToList(), Has.Count.EqualTo(2));
        var model = await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        Assert.That(model.Status.Caches!.Select(c => $"{c.ClaimName}={c.Phase}"), Is.EqualTo(new[] { $"{CacheDefaults.ClaimName}=Ready", "mine=Ready" }));
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Jobs are gone");
    }

    [Test]
    public async Task On_a_claim_that_nodes_share_servers_run_where_the_GPUs_are()
    {
        await StartAsync(NodeSpec.Many(2, gpus: 1), new OperatorOptions { ModelCacheAccessMode = "ReadWriteMany", ModelCacheStorageClass = "shared" });
        await _cluster.CreateModelAsync("tiny");

        await _cluster.CreateServiceAsync("chat", with: s => (s.Replicas, s.Resources) = (2, new InferenceResources { Gpu = 1 }));

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready && s.Conditions.Find(ConditionTypes.CacheSingleNode) is null);
        Assert.That((await PodsAsync(Labels.Service)).Select(p => p.Spec.NodeName).Order(), Is.EqualTo(new[] { "node-1", "node-2" }));
    }

    [Test]
    public async Task Pods_that_fetch_for_themselves_run_anywhere_and_no_Job_does_it_for_them()
    {
        await StartAsync(NodeSpec.Many(2, gpus: 1));
        await _cluster.CreateServiceAsync("chat", with: s => (s.Replicas, s.Resources, s.ModelCache) = (2, new InferenceResources { Gpu = 1 }, new ModelCacheSpec { Persistence = CachePersistences.Ephemeral }));
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Pending);
        _cluster.Rules.Add(Fetches.NotFound);
        await _cluster.CreateModelAsync("tiny");

        var failed = await _cluster.ServiceAsync("chat", s => s.Conditions.IsTrue(ConditionTypes.Degraded));
        Assert.That(failed.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(Reasons.SourceNotFound));
        _cluster.Rules.Remove(Fetches.NotFound);
        await _cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Ns, labelSelector: Labels.Service, gracePeriodSeconds: 0);

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That((await PodsAsync(Labels.Service)).Select(p => p.Spec.NodeName).Order(), Is.EqualTo(new[] { "node-1", "node-2" }));
        Assert.That((await _cluster.ModelAsync("tiny", ModelPhases.Ready)).Status.Conditions.Find(ConditionTypes.Available)!.Reason, Is.EqualTo(Reasons.FetchedByPods));
        Assert.That((await _cluster.Client.BatchV1.ListNamespacedJobAsync(Ns)).Items, Is.Empty);
        Assert.That((await _cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(Ns)).Items, Is.Empty);
    }

    [Test]
    public async Task A_claim_that_comes_later_is_waited_for_and_then_used()
    {
        await StartAsync(NodeSpec.Many(1));
        await _cluster.CreateServiceAsync("chat", with: s => s.ModelCache = new ModelCacheSpec { ClaimName = "mine" });
        await _cluster.CreateModelAsync("tiny");
        var waits = await Eventually.SeeAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status?.Conditions.IsTrue(ConditionTypes.Degraded) == true, "it says what is missing");
        Assert.That(waits.Status.Conditions.Find(ConditionTypes.Degraded)!.Message, Does.Contain("names the PersistentVolumeClaim mine, which is not in this namespace"));

        await _cluster.CreateClaimAsync("mine");
        await _cluster.PatchModelAsync("tiny", new { quantization = "Q4_K_M" });

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That((await _cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(Ns)).Items.Select(c => c.Metadata.Name), Is.EqualTo(new[] { "mine" }), "the namespace's is not made");
    }

    [Test]
    public async Task What_the_cluster_refuses_for_one_claim_takes_nothing_from_another()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There the operator may do everything.");
        await StartAsync(NodeSpec.Many(2));
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        await _cluster.CreateClaimAsync("fast");
        await _cluster.ForbidAsync("jobs", "create");

        await _cluster.CreateServiceAsync("second", with: s => s.ModelCache = new ModelCacheSpec { ClaimName = "fast" });

        var told = await Eventually.SeeAsync(
            () => _cluster.Models.ReadNamespacedAsync<Model>(Ns, "tiny"), m => m.Status.Caches?.Any(c => c.ClaimName == "fast" && c.Conditions.IsTrue(ConditionTypes.Degraded)) == true, "the refusal is said");
        Assert.That((told.Status.Phase, told.Status.Conditions!.Select(c => $"{c.Type}={c.Status}").Single()), Is.EqualTo((ModelPhases.Ready, "Available=True")));
        Assert.That(told.Status.Caches!.Single(c => c.ClaimName == CacheDefaults.ClaimName).Phase, Is.EqualTo(ModelPhases.Ready));
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ModelReady: true });
        await _cluster.EventsAsync(e => e.Items.Any(i => i is { Type: "Warning", InvolvedObject.Kind: "Model" } && i.Message.StartsWith("Claim fast: The cluster refused Job", StringComparison.Ordinal)), "an Event names the claim");
        Assert.That(await _operator.MetricsAsync(), Does.Contain("llmkube_model_failures_total{reason=\"Failed\"} 1"));

        await _cluster.ForbidAsync("jobs");
        await _cluster.PatchModelAsync("tiny", new { quantization = "Q4_K_M" });

        await _cluster.ServiceAsync("second", s => s.Phase == InferenceServicePhases.Ready);
        var metrics = await _operator.MetricsAsync();
        Assert.That(metrics, Does.Contain($"llmkube_model_download_duration_seconds_count{{model=\"tiny\",namespace=\"{Ns}\",source_type=\"remote\"}} 2"));
        Assert.That(metrics, Does.Contain($"llmkube_cache_artifacts{{namespace=\"{Ns}\"}} 2"));
    }

    private async Task StartAsync(IReadOnlyList<NodeSpec> nodes, OperatorOptions? options = null)
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = nodes });
        _operator = await _cluster.StartOperatorAsync(options);
    }

    private async Task<IList<V1Pod>> PodsAsync(string selector) => (await _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: selector)).Items;
}
