using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Tests.Plugin;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.Stories;

/// <summary>What kubectl-llmkube says of services that are stuck.</summary>
public sealed class PluginStoryTests
{
    private StoryCluster _cluster = null!;
    private string _kubeconfig = null!;
    private string _folder = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("plugin-").FullName;
        _cluster = await StoryCluster.StartAsync(new() { Nodes = [NodeSpec.Sized("node-1", gpus: 1)] });
        _kubeconfig = _cluster.Kubeconfig(_folder);
        _cluster.Rules.Add(new PodRule { Image = "no.example/*", PullFailure = "rpc error: code = NotFound desc = no.example/llama: not found" });
        await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        await _cluster.ModelAsync("tiny", ModelPhases.Ready);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_service_without_its_Model()
    {
        await _cluster.CreateServiceAsync("lost", "missing");
        await _cluster.ServiceAsync("lost", s => s.Phase == InferenceServicePhases.Pending);

        var (code, output, _) = await RunAsync("why", "lost");

        Assert.That((code, output), Is.EqualTo((1, $"""
            InferenceService lost waits for Model missing: ModelNotFound. There is no Model missing in namespace {_cluster.Namespace}. There is no Model of that name in the namespace. To do: Create it, or mend spec.modelRef.

              kubectl -n {_cluster.Namespace} get models

            """.ReplaceLineEndings("\n"))));
    }

    [Test]
    public async Task A_service_whose_image_can_not_be_pulled()
    {
        await _cluster.CreateServiceAsync("unpulled", with: s => s.Image = "no.example/llama:1");
        await _cluster.ServiceAsync("unpulled", s => s.Phase == InferenceServicePhases.Failed);

        var (code, output, _) = await RunAsync("why", "isvc/unpulled", "-o", "json");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("\"reason\": \"ImagePullFailed\"").And.Contain("no.example/llama:1").And.Contain($"kubectl -n {_cluster.Namespace} describe pod -l inference.llmkube.dev/service=unpulled"));
    }

    [Test]
    public async Task Services_that_wait_for_a_GPU()
    {
        Action<InferenceServiceSpec> withGpu = s => s.Resources = new() { Gpu = 1 };
        await _cluster.CreateServiceAsync("holder", with: withGpu);
        await _cluster.ServiceAsync("holder", s => s.Phase == InferenceServicePhases.Ready);
        await _cluster.CreateServiceAsync("waiter", with: withGpu);
        await _cluster.ServiceAsync("waiter", s => s.QueuePosition == 1);

        var (code, why, _) = await RunAsync("why", "waiter");
        var (queueCode, queue, _) = await RunAsync("queue");

        Assert.That((code, queueCode), Is.EqualTo((1, 0)));
        Assert.That(why, Does.StartWith("InferenceService waiter waits for GPUs: InsufficientGPU. It is number 1 of those that wait, for nvidia.com/gpu: 1.").And.Contain($"  kubectl llmkube queue -n {_cluster.Namespace}\n"));
        Assert.That(queue, Does.Match(@"1 +story-\w+ +waiter +tiny +nvidia.com/gpu: 1 ").And.Match(@"holds +story-\w+ +holder +tiny +nvidia.com/gpu: 1 "));

        // Ages are the cluster's, whatever the clock here shows.
        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(1));
        Assert.That((await Answer.ToAsync(later, ["queue", .. Here])).Output, Does.Not.Match(@" \d+d"));
        Assert.That((await RunAsync("why", "holder")).Output, Does.StartWith("Nothing is wrong with InferenceService holder: Ready. 1 of 1 replicas serve at http"));
    }

    [Test]
    public async Task What_there_is_not_is_told_with_what_may_have_been_meant()
    {
        var (code, output, error) = await RunAsync("why", "model/tinny");

        Assert.That((code, output, error.TrimEnd()), Is.EqualTo((2, "", $"error: there is no Model tinny in namespace {_cluster.Namespace}; did you mean tiny?")));
        Assert.That((await RunAsync("why", "pod/x")).Error, Does.StartWith("error: pod is no kind of the operator"));
    }

    [Test]
    public async Task Without_a_cluster_it_says_so()
    {
        var elsewhere = Path.Combine(_folder, "elsewhere");
        await File.WriteAllTextAsync(elsewhere, """
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: a, user: a}}]
            clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: a, user: {token: x}}]
            """);

        Assert.That((await Answer.ToAsync("why", "x", "--kubeconfig", elsewhere)).Error, Does.StartWith("error: the cluster can't be reached: "));
        Assert.That((await Answer.ToAsync("why", "x", "--kubeconfig", "/no/such")).Error, Does.StartWith("error: there is no kubeconfig /no/such"));
        Assert.That((await Answer.ToAsync("queue", "--kubeconfig", _kubeconfig, "--context", "nowhere")).Error, Does.StartWith("error: the kubeconfig can't be used: "));
    }

    private string[] Here => ["-n", _cluster.Namespace, "--kubeconfig", _kubeconfig];

    private Task<Answer> RunAsync(params string[] arguments) => Answer.ToAsync([.. arguments, .. Here]);
}
