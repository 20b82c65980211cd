using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>A real Prometheus: the one that <c>make tools</c> got, at an address of its own.</summary>
internal sealed class RunningPrometheus : IAsyncDisposable
{
    private const int Port = 9090;

    private readonly LoopbackNetwork _network;
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly HttpClient _http;

    private RunningPrometheus(LoopbackNetwork network, Process process, Uri address)
    {
        (_network, _process) = (network, process);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log) _log.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <param name="configuration">The file of its configuration.</param>
    /// <param name="folder">Where it keeps its data.</param>
    public static async Task<RunningPrometheus> StartAsync(string configuration, string folder)
    {
        var network = LoopbackNetwork.Reserve();
        var listen = $"{network.TakePodAddress()}:{Port.ToString(CultureInfo.InvariantCulture)}";
        var process = Process.Start(new ProcessStartInfo(
            Tools.Find("prometheus"), [$"--config.file={configuration}", $"--storage.tsdb.path={folder}", $"--web.listen-address={listen}"])
        { RedirectStandardError = true })!;
        var running = new RunningPrometheus(network, process, new($"http://{listen}"));
        try
        {
            await Eventually.SeeAsync(running.IsReadyAsync, ready => ready, "Prometheus is ready");
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>The samples that an expression gives now.</summary>
    public async Task<IReadOnlyList<Sample>> QueryAsync(string expression) =>
        [.. (await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}"))["result"]!.AsArray().Select(r => Sample.Of(r!))];

    /// <summary>What an expression gave from a time on: Prometheus' own answer.</summary>
    public Task<JsonNode> QueryAsync(string expression, DateTimeOffset from, DateTimeOffset to, TimeSpan step) => GetAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"/api/v1/query_range?query={Uri.EscapeDataString(expression)}&start={from.ToUnixTimeMilliseconds() / 1000.0}&end={to.ToUnixTimeMilliseconds() / 1000.0}&step={step.TotalSeconds}"));

    /// <summary>The alerts that are pending or fire.</summary>
    public async Task<IReadOnlyList<Alert>> AlertsAsync() =>
        [.. (await GetAsync("/api/v1/alerts"))["alerts"]!.AsArray().Select(a => new Alert(a!["labels"]!["alertname"]!.GetValue<string>(), a["state"]!.GetValue<string>(), Labels(a["labels"]!)))];

    /// <summary>The rules whose last evaluation failed, with why.</summary>
    public async Task<IReadOnlyList<string>> BrokenRulesAsync() =>
    [
        .. (await GetAsync("/api/v1/rules"))["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray())
            .Where(r => r!["health"]!.GetValue<string>() == "err").Select(r => $"{r!["name"]}: {r["lastError"]}"),
    ];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _network.Dispose();
    }

    internal static IReadOnlyDictionary<string, string> Labels(JsonNode labels) => labels.AsObject().ToDictionary(l => l.Key, l => l.Value!.GetValue<string>());

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, Is.True, () => $"{path}: {body}");
        return JsonNode.Parse(body)!["data"]!;
    }

    private async Task<bool> IsReadyAsync()
    {
        lock (_log) Assert.That(_process.HasExited, Is.False, () => _log.ToString());
        try
        {
            using var answer = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // It does not listen yet.
        }
    }

    /// <summary>One sample.</summary>
    internal sealed record Sample(IReadOnlyDictionary<string, string> Labels, double Value)
    {
        public static Sample Of(JsonNode result) =>
            new(RunningPrometheus.Labels(result["metric"]!), double.Parse(result["value"]![1]!.GetValue<string>().Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
    }

    /// <summary>One alert that is not inactive.</summary>
    internal sealed record Alert(string Name, string State, IReadOnlyDictionary<string, string> Labels);
}
