using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The real llama-server with a model, on an address of its own, telling in its log what it allocates.</summary>
internal sealed class LlamaServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LoopbackNetwork _network = LoopbackNetwork.Reserve();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly HttpClient _client;

    private LlamaServer(string model, IEnumerable<string> arguments)
    {
        var address = _network.TakePodAddress();
        _process = Process.Start(new ProcessStartInfo(
            // It tells of its buffers from this verbosity on.
            Tools.Find("llama-server"), ["--model", model, "--host", address, "--port", "8080", "--offline", "--no-warmup", "--verbosity", "4", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new($"http://{address}:8080") };
    }

    /// <summary>What it said so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts it, and waits until the model is loaded.</summary>
    /// <param name="model">The file, or the first part.</param>
    /// <param name="arguments">What its command line has besides.</param>
    public static async Task<LlamaServer> StartAsync(string model, params IReadOnlyList<string> arguments)
    {
        var server = new LlamaServer(model, arguments);
        try
        {
            await Eventually.HoldsAsync(server.IsLoadedAsync, Patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its answer to a request.</summary>
    /// <param name="path">Relative to its address.</param>
    /// <param name="question">The request's body, as JSON.</param>
    public async Task<JsonNode> AskAsync(string path, object question)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri(path, UriKind.Relative), question);
        Assert.That(answer.IsSuccessStatusCode, Is.True, () => Log);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        _network.Dispose();
    }

    private async Task<bool> IsLoadedAsync()
    {
        Assert.That(_process.HasExited, Is.False, () => Log);
        try
        {
            using var answer = await _client.GetAsync(new Uri("health", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }
}
