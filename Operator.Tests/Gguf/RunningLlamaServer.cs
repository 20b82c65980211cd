using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Gguf;

/// <summary>The real llama-server with a model, on an address of its own, telling in its log what it allocates.</summary>
internal sealed class RunningLlamaServer : IAsyncDisposable
{
    private readonly LoopbackNetwork _network = LoopbackNetwork.Reserve();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly HttpClient _client;

    private RunningLlamaServer(string weights, IEnumerable<string> arguments)
    {
        var address = _network.TakePodAddress();
        var port = InferenceServiceDefaults.Port.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(new ProcessStartInfo(
            // It tells of its buffers from this verbosity on.
            Tools.Find("llama-server"), ["--model", weights, "--host", address, "--port", port, "--offline", "--no-warmup", "--verbosity", "4", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new($"http://{address}:{port}") };
    }

    /// <summary>What it said so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts it, and waits until the model is loaded.</summary>
    /// <param name="weights">The file, or the first part.</param>
    /// <param name="arguments">What its command line has besides.</param>
    public static async Task<RunningLlamaServer> StartAsync(string weights, params IReadOnlyList<string> arguments)
    {
        var server = new RunningLlamaServer(weights, arguments);
        try
        {
            await Eventually.SeeAsync(server.HealthAsync, h => h == HttpStatusCode.OK, "its model is loaded");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The number of tokens that it gives to a question.</summary>
    public async Task<int> AnswerLengthAsync(int tokens)
    {
        using var answer = await _client.PostAsJsonAsync("/completion", new { prompt = "Which pod runs?", n_predict = tokens, ignore_eos = true });
        Assert.That(answer.IsSuccessStatusCode, Is.True, () => Log);
        return (await answer.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonNode>())!["tokens_predicted"]!.GetValue<int>();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        _network.Dispose();
    }

    private async Task<HttpStatusCode?> HealthAsync()
    {
        Assert.That(_process.HasExited, Is.False, () => Log);
        try
        {
            using var answer = await _client.GetAsync(new Uri("health", UriKind.Relative));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null; // it does not listen yet
        }
    }
}
