using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Tests.Conformance;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>The real llama-server on an address of its own.</summary>
internal sealed class LlamaServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LoopbackNetwork _network = LoopbackNetwork.Reserve();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly HttpClient _client;

    public LlamaServer(string model)
    {
        var address = _network.TakePodAddress();
        _process = Process.Start(new ProcessStartInfo(Tools.Find("llama-server"), ["--model", model, "--host", address, "--port", "8080", "--ctx-size", "512", "--parallel", "1"])
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

    public string Log => string.Join('\n', _log);

    public async Task ReadyAsync() => await Eventually.HoldsAsync(
        async () =>
        {
            Assert.That(_process.HasExited, Is.False, () => Log);
            try
            {
                using var answer = await _client.GetAsync(new Uri("health", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false; // it doesn't listen yet
            }
        },
        Patience);

    public async Task<JsonNode> AskAsync(string question, int tokens)
    {
        using var answer = await _client.PostAsJsonAsync(new Uri("v1/chat/completions", UriKind.Relative), new { messages = new[] { new { role = "user", content = question } }, max_tokens = tokens });
        Assert.That(answer.IsSuccessStatusCode, Is.True, () => Log);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _client.Dispose();
        _network.Dispose();
    }
}
