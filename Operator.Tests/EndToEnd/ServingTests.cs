using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Reconciling;
using LlmKube.Operator.Tests.Stories;
using Microsoft.Extensions.Time.Testing;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>From a Model to an answer with nothing played: real HTTP, the download verb in a process of its own, llama.cpp's server.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ServingTests
{
    private WeightsServer _weights = null!;
    private StoryCluster? _started;
    private RunningOperator _operator = null!;

    private StoryCluster Cluster => _started!;

    private string Ns => Cluster.Namespace;

    [SetUp]
    public async Task ServeWeightsAsync() => _weights = await WeightsServer.StartAsync();

    [TearDown]
    public async Task StopAsync()
    {
        try
        {
            if (_started is not null) await _started.DisposeAsync();
        }
        finally
        {
            await _weights.DisposeAsync();
        }
    }

    [TestCase(Accelerators.Cpu)]
    [TestCase(Accelerators.Cuda)]
    public async Task A_model_is_fetched_served_asked_and_all_of_it_goes_again(string accelerator)
    {
        await StartAsync();
        var source = _weights.Sound("tiny.gguf");
        await Cluster.CreateModelAsync("tiny", source, m => m.Hardware = new() { Accelerator = accelerator, Gpu = accelerator == Accelerators.Cpu ? null : new() { Count = 1 } });
        await Cluster.CreateServiceAsync("chat");

        var model = await Cluster.ModelAsync("tiny", ModelPhases.Ready);
        Assert.That(model.Status.Gguf, Has.Property("Architecture").EqualTo("llama").And.Property("ModelName").EqualTo("tiny-random-llama").And.Property("ContextLength").EqualTo(2048));
        Assert.That(Served(), Has.Count.EqualTo(1));
        await Cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 1 });

        Assert.That(await AskAsync("chat"), Is.Not.Empty);
        var metrics = await _operator.MetricsAsync();
        Assert.That(metrics, Does.Contain($"llmkube_model_download_duration_seconds_count{{model=\"tiny\",namespace=\"{Ns}\",source_type=\"remote\"}} 1"));
        Assert.That(metrics, Does.Contain($"llmkube_inferenceservice_phase{{inferenceservice=\"chat\",namespace=\"{Ns}\",phase=\"Ready\"}} 1"));
        Assert.That(_weights.Requests, Is.EqualTo(["/tiny.gguf"]), "fetched once");

        var pod = (await PodsAsync()).Single();
        if (accelerator == Accelerators.Cuda)
        {
            Assert.That(pod.Spec.Containers[0].Image, Does.EndWith(":server-cuda"));
            await Cluster.EventsAsync(e => e.Items.Any(i => i.Reason == "PretendedDevice" && i.Message.StartsWith("nvidia.com/gpu: 1 is pretended", StringComparison.Ordinal)), "it is said that there is no GPU");
            var said = StoryCluster.IsExternal ? Reasons.LogUnreadable : Reasons.CPUFallback; // Another API server has no logs of these pods.
            var status = await Cluster.ServiceAsync("chat", s => s.Conditions.Find(ConditionTypes.Accelerated)?.Reason == said);
            Assert.That((status.Phase, status.Acceleration?.LayersOffloaded), Is.EqualTo((InferenceServicePhases.Ready, StoryCluster.IsExternal ? null : (int?)0)), "its server finds out, and serves");
        }

        // Held by a finalizer, the pod stays to tell how its process ended.
        var server = ServerProcess.Of(pod.Status.PodIP);
        await Cluster.Client.CoreV1.PatchNamespacedPodAsync(StoryCluster.Merge(new { metadata = new { finalizers = new[] { "test/hold" } } }), pod.Metadata.Name, Ns);
        await Cluster.DeleteServiceAsync("chat");
        var ended = await Eventually.SeeAsync(PodsAsync, pods => pods is [{ Status.ContainerStatuses: [{ State.Terminated: not null }] }], "its server has ended");
        Assert.That(ended[0].Status.ContainerStatuses[0].State.Terminated.ExitCode, Is.Zero, "by itself, when it was asked to, within its grace");
        Assert.That(server.HasEnded, Is.True);
        await Cluster.Client.CoreV1.PatchNamespacedPodAsync(StoryCluster.Merge(new { metadata = new { finalizers = Array.Empty<string>() } }), pod.Metadata.Name, Ns);
        await Eventually.SeeAsync(PodsAsync, pods => pods.Count == 0, "the pod is gone");

        await Cluster.DeleteModelAsync("tiny");
        await Eventually.SeeAsync(Cluster.AllModelsAsync, models => models.Count == 0, "the finalizer lets it go");
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
        await Cluster.CreateServiceAsync("chat");
        await Cluster.CreateModelAsync("tiny", source);

        var failed = await Cluster.ModelAsync("tiny", ModelPhases.Failed);

        Assert.That(failed.Status.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(reason));
        await Cluster.ServiceAsync("chat", s => s.ModelReady == false && s.Conditions.IsTrue(ConditionTypes.Progressing));
        await Cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the failed Job is gone");
        Assert.That(Served(), Is.Empty, "nothing at the final path");
        Assert.That((await Cluster.Client.AppsV1.ListNamespacedDeploymentAsync(Ns)).Items, Is.Empty, "no server");
    }

    [Test]
    public async Task A_file_that_a_fetch_left_in_a_claim_is_proved_and_served_from_where_it_lies()
    {
        await StartAsync();
        await Cluster.CreateClaimAsync("weights");
        await Cluster.CreateServiceAsync("keeper", with: s => (s.Replicas, s.ModelCache) = (0, new ModelCacheSpec { ClaimName = "weights" }));
        await Cluster.CreateModelAsync("tiny", _weights.Sound("tiny.gguf"));
        var fetched = await Cluster.ModelAsync("tiny", ModelPhases.Ready);
        var source = $"pvc://weights/{fetched.Status.CacheKey}/model.gguf";

        // By a name that Kubernetes would read otherwise, were it an argument as it is.
        const string Name = "$$(DOTNET_EnableDiagnostics)$(HOME).gguf";
        var lain = Path.Combine(Path.GetDirectoryName(Served().Single())!, Name);
        File.Copy(Served().Single(), lain);
        source = source.Replace("model.gguf", Name, StringComparison.Ordinal);
        await Cluster.CreateModelAsync("other", source, m => m.Sha256 = new string('b', 64));
        await Cluster.CreateModelAsync("lying", source, m => m.DeletionPolicy = DeletionPolicies.Delete);
        await Cluster.CreateServiceAsync("chat", "lying");

        Assert.That((await Cluster.ModelAsync("other", ModelPhases.Failed)).Status.Conditions.Find(ConditionTypes.Degraded)!.Reason, Is.EqualTo(Reasons.ChecksumMismatch));
        var lying = await Cluster.ModelAsync("lying", ModelPhases.Ready);
        Assert.That((lying.Status.Sha256, lying.Status.Path), Is.EqualTo((fetched.Status.Sha256, $"/models/{fetched.Status.CacheKey}/{Name}")));
        Assert.That(lying.Status.Gguf, Has.Property("ModelName").EqualTo("tiny-random-llama"));
        await Cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        Assert.That(await AskAsync("chat"), Is.Not.Empty);

        await Cluster.DeleteServiceAsync("chat");
        await Cluster.DeleteModelAsync("lying");
        await Eventually.SeeAsync(Cluster.AllModelsAsync, models => models.All(m => m.Metadata.Name != "lying"), "the Model goes");
        Assert.That(File.Exists(lain), Is.True, "and its file, which is not ours, stays");
    }

    [Test]
    public async Task Pods_fetch_for_themselves_and_serve()
    {
        await StartAsync();
        await Cluster.CreateServiceAsync("chat", with: s => s.ModelCache = new ModelCacheSpec { Persistence = CachePersistences.Ephemeral });
        await Cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Pending);
        await Cluster.CreateModelAsync("tiny", _weights.Sound("tiny-$$(HOME).gguf"));

        await Cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);

        Assert.That(await AskAsync("chat"), Is.Not.Empty);
        Assert.That(_weights.Requests, Is.EqualTo(["/tiny-$$(HOME).gguf"]), "by the pod alone");
        Assert.That(Served(), Is.Empty);
    }

    [Test]
    public async Task A_server_that_can_t_serve_says_why()
    {
        await StartAsync();
        await Cluster.CreateModelAsync("tiny", _weights.Sound("tiny.gguf"));
        await Cluster.ModelAsync("tiny", ModelPhases.Ready);

        await Cluster.CreateServiceAsync("chat", with: s => s.ExtraArgs = ["--nonsense"]);
        var wrong = await FailedAsync("chat", Reasons.CrashLooping);
        Assert.That(wrong, Does.EndWith("ended with exit code 1: error: invalid argument: --nonsense"));
        await Cluster.EventsAsync(e => e.Items.Count(i => i.Reason == Reasons.CrashLooping && i.Message == wrong) == 1, "one Event says so");
        await Cluster.DeleteServiceAsync("chat");

        foreach (var file in Served()) File.Delete(file);
        await Cluster.CreateServiceAsync("late");
        Assert.That(await FailedAsync("late", Reasons.ModelMissing), Does.Contain("failed to open GGUF file").And.Contain("No such file"));

        async Task<string> FailedAsync(string name, string reason)
        {
            var status = await Cluster.ServiceAsync(name, s => s.Phase == InferenceServicePhases.Failed && s.Conditions.Find(ConditionTypes.Degraded)?.Reason == reason);
            return status.Conditions.Find(ConditionTypes.Degraded)!.Message;
        }
    }

    [Test]
    public async Task A_model_that_takes_long_to_load_is_not_restarted()
    {
        // The clock of the probes is ours, and the server is held while it loads.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await StartAsync(time);
        var source = _weights.Sound("large.gguf", new TinyModelSpec { Layers = 8, Embedding = 1024, FeedForward = 2048, Heads = 16, KeyValueHeads = 8 });
        await Cluster.CreateModelAsync("tiny", source);
        await Cluster.ModelAsync("tiny", ModelPhases.Ready);
        await Cluster.CreateServiceAsync("chat");

        // It would soon be done; so it is held from its first moment, and goes on for no longer than it takes to answer.
        await Eventually.SeeAsync(() => Task.FromResult(ServerProcess.Serving(Cluster.VolumeFolder) is not null), isThere => isThere, "the server is started", TimeSpan.FromMilliseconds(1));
        var server = ServerProcess.Serving(Cluster.VolumeFolder)!;
        await server.HoldAsync();
        await Eventually.SeeAsync(() => MomentAsync(server), health => health == HttpStatusCode.ServiceUnavailable, "it loads the model", TimeSpan.FromMilliseconds(1));
        await AdvanceUntilAsync(time, () => Task.FromResult(server.HasUnread), hasUnread => hasUnread, "a probe asks");
        Assert.That(await MomentAsync(server), Is.EqualTo(HttpStatusCode.ServiceUnavailable), "it is not done yet");
        await Eventually.SeeAsync(() => Cluster.Client.CoreV1.ListNamespacedEventAsync(Ns), events => Says(events, "HTTP probe failed with statuscode: 503"), "the probe was answered 503");
        var held = time.GetUtcNow();
        await AdvanceUntilAsync(time, PodsAsync, _ => time.GetUtcNow() - held > TimeSpan.FromSeconds(90), "it takes more than 75 seconds");
        Assert.That((await PodsAsync()).Single().Status.ContainerStatuses[0], Has.Property("RestartCount").Zero.And.Property("Started").False);

        await server.GoOnAsync();
        await Eventually.SeeAsync(() => HealthAsync(server), health => health == HttpStatusCode.OK, "the model is loaded");
        var ready = await AdvanceUntilAsync(time, PodsAsync, pods => pods is [var p] && p.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" }), "the server is ready");
        Assert.That(ready[0].Status.ContainerStatuses[0].RestartCount, Is.Zero);
        Assert.That(await AskAsync("chat"), Is.Not.Empty);
    }

    /// <summary>Moves the clock on in steps that are shorter than a probe waits for its answer.</summary>
    private static Task<T> AdvanceUntilAsync<T>(FakeTimeProvider time, Func<Task<T>> look, Func<T, bool> isSo, string what) => Eventually.SeeAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(4));
            return look();
        },
        isSo,
        what);

    private static bool Says(Corev1EventList events, string words) => events.Items.Any(e => e.Reason == "Unhealthy" && e.Message.Contains(words, StringComparison.Ordinal));

    private async Task StartAsync(TimeProvider? time = null)
    {
        _started = await StoryCluster.StartAsync(new() { Processes = true, Nodes = NodeSpec.Many(1, gpus: 1), Time = time ?? TimeProvider.System });
        _operator = await Cluster.StartOperatorAsync();
    }

    private async Task<IList<V1Pod>> PodsAsync() => (await Cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: $"{Labels.Service}=chat")).Items;

    /// <summary>The files at final paths.</summary>
    private List<string> Served() =>
        Directory.Exists(Cluster.VolumeFolder) ? [.. Directory.EnumerateFiles(Cluster.VolumeFolder, ArtifactPlan.SingleName, SearchOption.AllDirectories)] : [];

    /// <summary>One question through the Service; the answer's text.</summary>
    private async Task<string> AskAsync(string service)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(await Cluster.ReachAsync(service), "/v1/chat/completions"), new { messages = new[] { new { role = "user", content = "Is the pod ready?" } }, max_tokens = 16, temperature = 0 });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, Is.True, body);
        return JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
    }

    // What it says when it goes on for a moment.
    private static async Task<HttpStatusCode?> MomentAsync(ServerProcess server)
    {
        await server.GoOnAsync();
        var health = await HealthAsync(server);
        await server.HoldAsync();
        return health;
    }

    // Null: it does not listen yet.
    private static async Task<HttpStatusCode?> HealthAsync(ServerProcess server)
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://{server.Address}:{InferenceServiceDefaults.Port}/health"));
            return answer.StatusCode;
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            return null;
        }
    }
}
