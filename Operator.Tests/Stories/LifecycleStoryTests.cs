using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Models;
using LlmKube.Operator.Options;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>Both kinds together, on the whole local cluster or around the API server that LLMKUBE_TEST_KUBECONFIG names.</summary>
public sealed class LifecycleStoryTests
{
    private StoryCluster _cluster = null!;

    [SetUp]
    public async Task StartAsync() => _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1, gpus: 2) });

    [TearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_pair_becomes_Ready_with_one_fetch_and_the_Job_is_gone_afterwards()
    {
        _cluster.FetchesSucceed();
        var app = await _cluster.StartOperatorAsync();

        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateModelAsync("same", "https://models.example/tiny.gguf");
        await _cluster.CreateServiceAsync("chat", "tiny", s => s.Replicas = 2);
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 2 });

        var model = await _cluster.Models.ReadNamespacedAsync<Model>(_cluster.Namespace, "tiny");
        Assert.That(model.Status.Path, Is.EqualTo($"/models/{CacheKey.Of("https://models.example/tiny.gguf")}/model.gguf"));
        Assert.That(model.Status.Gguf?.Architecture, Is.EqualTo("llama"));
        await StoryCluster.UntilAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(_cluster.Namespace, "same"), m => m.Status?.Phase == ModelPhases.Ready, "the second Model is Ready");
        await StoryCluster.UntilAsync(() => _cluster.Client.BatchV1.ListNamespacedJobAsync(_cluster.Namespace), l => l.Items.Count == 0, "no Job is left");
        if (_cluster.Local is not null)
        {
            Assert.That(_cluster.Server.Requests.CountOf(r => r is { Verb: "create", Resource: "jobs", StatusCode: 201 }), Is.EqualTo(1).Or.EqualTo(2));
        }

        var (_, metrics) = await StoryCluster.GetAsync(app, "/metrics");
        Assert.That(metrics, Does.Contain($"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Ready\"}} 1"));
    }

    [Test]
    public async Task Three_want_two_GPUs_and_the_third_is_told_its_place()
    {
        _cluster.FetchesSucceed();
        await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        foreach (var name in new[] { "first", "second" })
        {
            await _cluster.CreateServiceAsync(name, "tiny", s => s.Resources = new InferenceResources { Gpu = 1 });
            await _cluster.ServiceAsync(name, s => s.Phase == InferenceServicePhases.Ready);
        }

        await _cluster.CreateServiceAsync("third", "tiny", s => s.Resources = new InferenceResources { Gpu = 1 });
        var waiting = await _cluster.ServiceAsync("third", s => s.Phase == InferenceServicePhases.WaitingForGPU);
        Assert.That((waiting.QueuePosition, waiting.WaitingFor), Is.EqualTo(((int?)1, "nvidia.com/gpu: 1")));

        await _cluster.Services.DeleteNamespacedAsync<InferenceService>(_cluster.Namespace, "first");
        await _cluster.ServiceAsync("third", s => s is { Phase: InferenceServicePhases.Ready, QueuePosition: null });
    }

    [Test]
    public async Task A_fetch_that_fails_for_good_is_said_on_both_and_mends_when_the_source_changes()
    {
        var notFound = new PodRule
        {
            Container = FetchJobBuilder.Container,
            ExitCode = 2,
            TerminationMessage = LlmKube.Operator.Fetching.TerminationMessage.Format(new()
            {
                Complete = false, Terminal = true, Reason = "SourceNotFound", Message = "models.example answered 404 Not Found",
            }),
        };
        _cluster.FetchesSucceed();
        _cluster.Rules.Add(notFound);
        await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny", "https://models.example/gone.gguf");
        await _cluster.CreateServiceAsync("chat", "tiny");

        var failed = await StoryCluster.UntilAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(_cluster.Namespace, "tiny"), m => m.Status?.Phase == ModelPhases.Failed, "the Model fails");
        Assert.That(failed.Status.Conditions!.Select(c => c.Message), Has.Some.Contain("404 Not Found"));
        await _cluster.ServiceAsync("chat", s => s.Conditions?.Any(c => c.Message.Contains("tiny", StringComparison.Ordinal)) == true && s.ModelReady == false);
        await StoryCluster.UntilAsync(
            () => _cluster.Client.CoreV1.ListNamespacedEventAsync(_cluster.Namespace), l => l.Items.Count(e => e.Type == "Warning" && e.InvolvedObject.Kind == "Model") == 1, "one Event says so");

        _cluster.Rules.Remove(notFound);
        await _cluster.Models.PatchNamespacedAsync<Model>(
            new V1Patch("""{"spec":{"source":"https://models.example/found.gguf"}}""", V1Patch.PatchType.MergePatch), _cluster.Namespace, "tiny");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
    }

    [Test]
    public async Task A_namespace_with_Models_in_it_ends()
    {
        _cluster.FetchesSucceed();
        await _cluster.StartOperatorAsync();
        for (var i = 0; i < 5; i++)
        {
            await _cluster.CreateModelAsync($"model-{i}");
            await _cluster.CreateServiceAsync($"chat-{i}", $"model-{i}");
        }

        await _cluster.ServiceAsync("chat-4", s => s.Phase == InferenceServicePhases.Ready);
        // One is deleted while its fetch has not ended.
        _cluster.Rules.Add(new PodRule { Container = FetchJobBuilder.Container, RunTime = TimeSpan.FromHours(1) });
        await _cluster.CreateModelAsync("endless");
        await StoryCluster.UntilAsync(() => _cluster.Models.ReadNamespacedAsync<Model>(_cluster.Namespace, "endless"), m => m.Status?.Phase == ModelPhases.Downloading, "the fetch runs");

        await _cluster.Client.CoreV1.DeleteNamespaceAsync(_cluster.Namespace);
        await StoryCluster.UntilAsync(() => _cluster.Client.CoreV1.ListNamespaceAsync(), l => l.Items.All(n => n.Metadata.Name != _cluster.Namespace), "the namespace is gone");
        if (StoryCluster.IsExternal) await _cluster.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = _cluster.Namespace } });
    }

    [Test]
    public async Task When_the_leader_stops_the_standby_goes_on()
    {
        _cluster.FetchesSucceed();
        var options = new OperatorOptions { LeaderElect = true };
        var first = await _cluster.StartOperatorAsync(options);
        await StoryCluster.UntilAsync(() => StoryCluster.GetAsync(first, "/metrics"), m => m.Body.Contains("leader_election_master_status{name=\"llmkube-operator-leader\"} 1", StringComparison.Ordinal), "the first leads");
        var second = await _cluster.StartOperatorAsync(options);
        await StoryCluster.UntilAsync(() => StoryCluster.GetAsync(second, "/readyz", probes: true), r => r.Status == System.Net.HttpStatusCode.OK, "the standby is ready too");
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat", "tiny");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That((await StoryCluster.GetAsync(second, "/metrics")).Body, Does.Not.Contain("llmkube_model_status{"), "only the leader counts objects");

        await _cluster.StopOperatorAsync(first);

        await _cluster.CreateServiceAsync("after", "tiny");
        await _cluster.ServiceAsync("after", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That((await StoryCluster.GetAsync(second, "/metrics")).Body, Does.Contain("llmkube_model_status{"));
    }

    [Test]
    public async Task A_second_writer_in_a_hurry_keeps_its_fields()
    {
        _cluster.FetchesSucceed();
        await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat", "tiny");
        await StoryCluster.UntilAsync(() => _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(_cluster.Namespace), l => l.Items.Count == 1, "the Deployment is there");
        for (var i = 0; i < 100; i++)
        {
            var metadata = new { annotations = new Dictionary<string, string> { [$"writer/{i}"] = "was here" } };
            await _cluster.Client.AppsV1.PatchNamespacedDeploymentAsync(Merge(new { metadata }), "chat", _cluster.Namespace);
            await _cluster.Services.PatchNamespacedAsync<InferenceService>(Merge(new { metadata, spec = new { contextSize = 1024 + i } }), _cluster.Namespace, "chat");
        }

        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready && s.ObservedGeneration == 101);
        var deployment = await _cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("chat", _cluster.Namespace);
        var service = await _cluster.Services.ReadNamespacedAsync<InferenceService>(_cluster.Namespace, "chat");
        Assert.That(deployment.Spec.Template.Spec.Containers[0].Args, Does.Contain("1123"));
        Assert.That(deployment.Metadata.Annotations.Keys.Count(k => k.StartsWith("writer/", StringComparison.Ordinal)), Is.EqualTo(100));
        Assert.That(service.Metadata.Annotations.Keys.Count(k => k.StartsWith("writer/", StringComparison.Ordinal)), Is.EqualTo(100));
    }

    private static V1Patch Merge(object body) => new(KubernetesJson.Serialize(body), V1Patch.PatchType.MergePatch);
}
