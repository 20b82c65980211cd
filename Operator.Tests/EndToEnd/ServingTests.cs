using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Models;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>From a Model to an answer with nothing played: real HTTP, the download verb in a process of its own, llama.cpp's server.</summary>
public sealed class ServingTests
{
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;
    private WeightsServer _weights = null!;

    private string Ns => _cluster.Namespace;

    [TearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        await _weights.DisposeAsync();
    }

    [TestCase(Accelerators.Cpu)]
    [TestCase(Accelerators.Cuda)]
    public async Task A_model_is_fetched_served_asked_and_all_of_it_goes_again(string accelerator)
    {
        await StartAsync();
        var source = _weights.Sound("tiny.gguf");
        await _cluster.CreateModelAsync("tiny", source, m => m.Hardware = new() { Accelerator = accelerator, Gpu = accelerator == Accelerators.Cpu ? null : new() { Count = 1 } });
        await _cluster.CreateServiceAsync("chat");

        var model = await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        Assert.That(model.Status.Gguf, Has.Property("Architecture").EqualTo("llama").And.Property("ModelName").EqualTo("tiny-random-llama").And.Property("ContextLength").EqualTo(2048));
        Assert.That(Served(), Has.Count.EqualTo(1));
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 1 });

        Assert.That(await AskAsync("chat"), Is.Not.Empty);
        var metrics = await _operator.MetricsAsync();
        Assert.That(metrics, Does.Contain($"llmkube_model_download_duration_seconds_count{{model=\"tiny\",namespace=\"{Ns}\",source_type=\"remote\"}} 1"));
        Assert.That(metrics, Does.Contain($"llmkube_inferenceservice_phase{{inferenceservice=\"chat\",namespace=\"{Ns}\",phase=\"Ready\"}} 1"));
        Assert.That(_weights.Requests, Is.EqualTo(["/tiny.gguf"]), "fetched once");

        var pod = (await PodsAsync()).Single();
        if (accelerator == Accelerators.Cuda)
        {
            Assert.That(pod.Spec.Containers[0].Image, Does.EndWith(":server-cuda"));
            await _cluster.EventsAsync(e => e.Items.Any(i => i.Reason == "PretendedDevice" && i.Message.StartsWith("nvidia.com/gpu: 1 is pretended", StringComparison.Ordinal)), "it is said that there is no GPU");
        }

        await _cluster.DeleteServiceAsync("chat");
        await Eventually.SeeAsync(PodsAsync, pods => pods.Count == 0, "the pod is gone");
        Assert.That(async () => await ConnectAsync(pod.Status.PodIP), Throws.TypeOf<SocketException>(), "its process is gone with it");

        await _cluster.DeleteModelAsync("tiny");
        await Eventually.SeeAsync(_cluster.AllModelsAsync, models => models.Count == 0, "the finalizer lets it go");
    }

    [TestCase("cut.gguf", Reasons.NotGguf)]
    [TestCase("page.gguf", Reasons.NotGguf)]
    [TestCase("none.gguf", Reasons.SourceNotFound)]
    public async Task What_is_no_model_is_said_and_never_served(string name, string reason)
    {
        await StartAsync();
        var source = name switch
        {
            "cut.gguf" => _weights.Cut(name),
            "page.gguf" => _weights.Page(name),
            _ => _weights.Url(name),
        };
        await _cluster.CreateServiceAsync("chat");
        await _cluster.CreateModelAsync("tiny", source);

        var failed = await _cluster.ModelAsync("tiny", ModelPhases.Failed);

        Assert.That(failed.Status.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(reason));
        await _cluster.ServiceAsync("chat", s => s.ModelReady == false && s.Conditions.IsTrue(ConditionTypes.Progressing));
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the failed Job is gone");
        Assert.That(Served(), Is.Empty, "nothing at the final path");
        Assert.That((await _cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items, Is.Empty, "no server");
    }

    [Test]
    public async Task A_model_that_takes_long_to_load_is_not_restarted()
    {
        // The probes' clock runs much faster than the server loads, so that minutes of theirs pass while it answers 503.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await StartAsync(time);
        var source = _weights.Sound("large.gguf", new TinyModelSpec { Layers = 8, Embedding = 1024, FeedForward = 2048, Heads = 16, KeyValueHeads = 8 });
        await _cluster.CreateModelAsync("tiny", source);
        await _cluster.ModelAsync("tiny", ModelPhases.Ready);
        await _cluster.CreateServiceAsync("chat");
        await Eventually.SeeAsync(PodsAsync, pods => pods is [{ Status.Phase: "Running" }], "the server is started");
        var started = time.GetUtcNow();

        await Eventually.SeeAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(20));
                return PodsAsync();
            },
            pods => pods is [var p] && p.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" }),
            "the server has loaded its model");

        Assert.That(time.GetUtcNow() - started, Is.GreaterThan(TimeSpan.FromSeconds(75)));
        var pod = (await PodsAsync()).Single();
        Assert.That(pod.Status.ContainerStatuses[0].RestartCount, Is.Zero);
        await _cluster.EventsAsync(e => e.Items.Any(i => i is { Reason: "Unhealthy", Message: "Startup probe failed: HTTP probe failed with statuscode: 503" }), "it answered 503 on the way");
        Assert.That(await AskAsync("chat"), Is.Not.Empty);
    }

    private async Task StartAsync(TimeProvider? time = null)
    {
        _weights = await WeightsServer.StartAsync();
        _cluster = await StoryCluster.StartAsync(new() { Processes = true, Nodes = NodeSpec.Many(1, gpus: 1), Time = time ?? TimeProvider.System });
        _operator = await _cluster.StartOperatorAsync();
    }

    private async Task<IList<V1Pod>> PodsAsync() => (await _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: $"{Labels.Service}=chat")).Items;

    /// <summary>The files at final paths.</summary>
    private List<string> Served() =>
        Directory.Exists(_cluster.VolumeFolder) ? [.. Directory.EnumerateFiles(_cluster.VolumeFolder, Path.GetFileName(CacheLayout.ArtifactPath("key", "/")), SearchOption.AllDirectories)] : [];

    /// <summary>One question through the Service; the answer's text.</summary>
    private async Task<string> AskAsync(string service)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(await _cluster.ReachAsync(service), "/v1/chat/completions"), new { messages = new[] { new { role = "user", content = "Is the pod ready?" } }, max_tokens = 16, temperature = 0 });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, Is.True, body);
        return JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
    }

    private static async Task ConnectAsync(string address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, InferenceServiceDefaults.Port);
    }
}
