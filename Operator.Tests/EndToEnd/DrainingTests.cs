using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using k8s;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>Pods of llama.cpp's server are replaced while clients stream: nobody notices.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DrainingTests
{
    // So slow that the longest answer of the test needs a part of its context.
    private static readonly TinyModelSpec s_slow = new() { Layers = 8, Embedding = 1024, FeedForward = 2048, Heads = 16, KeyValueHeads = 8, Context = 32768 };

    // The byte 0x0a, after three special tokens.
    private const int LineEnd = 3 + 0x0a;

    private WeightsServer _weights = null!;
    private StoryCluster _cluster = null!;

    private string Ns => _cluster.Namespace;

    [SetUp]
    public async Task ServeWeightsAsync() => _weights = await WeightsServer.StartAsync();

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        await _weights.DisposeAsync();
    }

    [TestCase(0, 45, TestName = "A_change_of_arguments_under_load_fails_no_request_and_cuts_no_stream")]
    [TestCase(2, 10, TestName = "Nor_does_it_where_all_GPUs_are_taken_and_it_does_not_deadlock")]
    public async Task Clients_do_not_notice_a_rollout(int gpus, int streamSeconds)
    {
        await StartAsync(gpus);
        var old = await ServingAsync();
        var url = new Uri(await _cluster.ReachAsync("chat"), "/completion");
        var stream = StreamAsync(url, TimeSpan.FromSeconds(streamSeconds));
        using var enough = new CancellationTokenSource();
        var (answered, failed) = (0, new ConcurrentQueue<string>());
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    await CompleteAsync(url, 4);
                    answered++;
                }
                catch (Exception e) when (e is HttpRequestException or IOException or AssertionException)
                {
                    failed.Enqueue(e.Message);
                }
            }
        });

        await Eventually.SeeAsync(() => Task.FromResult(answered), n => n > 3, "there is load");
        await _cluster.PatchServiceAsync("chat", new { parallelSlots = 5 });
        await Eventually.SeeAsync(ServingAsync, now => now.Count == 2 && !now.Overlaps(old), "all pods are new", within: TimeSpan.FromMinutes(4));
        var atEnd = answered;
        await Eventually.SeeAsync(() => Task.FromResult(answered), n => n > atEnd + 3, "the new ones answer");
        await enough.CancelAsync();
        await load;
        var (tokens, took, hasEnded) = await stream;

        await TestContext.Out.WriteLineAsync($"{answered} requests beside a stream of {tokens} tokens in {took.TotalSeconds:F0} s");
        Assert.That(failed, Is.Empty);
        if (!hasEnded) Assert.Fail($"the stream was cut: {string.Join('\n', (await _cluster.Client.CoreV1.ListNamespacedEventAsync(Ns)).Items.Select(e => $"{e.LastTimestamp} {e.Reason} {e.InvolvedObject.Name}: {e.Message}"))}");
        Assert.That(took.TotalSeconds, Is.GreaterThan(streamSeconds - 1), "the stream was as long as it was to be");
    }

    private async Task StartAsync(int gpus)
    {
        _cluster = await StoryCluster.StartAsync(new() { Processes = true, Nodes = NodeSpec.Many(1, gpus) });
        await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny", _weights.Sound("slow.gguf", s_slow));
        await _cluster.CreateServiceAsync("chat", with: s =>
            (s.Replicas, s.ContextSize, s.ParallelSlots, s.DrainTimeoutSeconds, s.Resources) = (2, 16384, 4, 120, gpus > 0 ? new InferenceResources { Gpu = 1 } : null));
        await _cluster.ServiceAsync("chat", s => s is { Phase: InferenceServicePhases.Ready, ReadyReplicas: 2 });
    }

    /// <summary>The pods that are there to stay and ready.</summary>
    private async Task<HashSet<string>> ServingAsync() =>
    [
        .. (await _cluster.Client.CoreV1.ListNamespacedPodAsync(Ns, labelSelector: $"{Labels.Service}=chat")).Items
            .Where(p => p.Metadata.DeletionTimestamp is null && p.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
            .Select(p => p.Metadata.Name),
    ];

    /// <summary>A connection of its own, as each new client has.</summary>
    private static async Task CompleteAsync(Uri url, int tokens)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(url, new { prompt = "Is the pod ready?", n_predict = tokens, ignore_eos = true });
        Assert.That(answer.IsSuccessStatusCode, Is.True, $"{answer.StatusCode}");
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That(body["tokens_predicted"]!.GetValue<int>(), Is.EqualTo(tokens));
    }

    /// <summary>An answer that takes this long, read to its proper end.</summary>
    private static async Task<(int Tokens, TimeSpan Took, bool HasEnded)> StreamAsync(Uri url, TimeSpan length)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            // llama.cpp looks at the time only when there has been the end of a line.
            Content = JsonContent.Create(new
            {
                prompt = "Go on.",
                n_predict = -1,
                ignore_eos = true,
                stream = true,
                logit_bias = new[] { new[] { LineEnd, 100 } },
                t_max_predict_ms = (int)length.TotalMilliseconds,
            }),
        };
        var watch = Stopwatch.StartNew();
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(answer.IsSuccessStatusCode, Is.True, $"{answer.StatusCode}");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var (tokens, hasEnded) = (0, false);
        while (await ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            tokens++;
            hasEnded = JsonNode.Parse(line[6..])!["stop"]!.GetValue<bool>();
        }

        return (tokens, watch.Elapsed, hasEnded);

        async Task<string?> ReadLineAsync()
        {
            try
            {
                return await reader.ReadLineAsync();
            }
            catch (IOException)
            {
                // The rest did not come.
                return null;
            }
        }
    }
}
