using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using LlmKube.Operator.Entities;
using LlmKube.Operator.InferenceServices;
using LlmKube.Operator.LocalCluster.Demo;
using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tests.InferenceServices;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Monitoring;

/// <summary>
/// The recorded scrapes against which rules and dashboards are held are what the programs expose today, in names and labels.
/// UPDATE_GOLDEN=1 records them anew.
/// </summary>
public sealed class RecordedScrapeTests
{
    [Test]
    public async Task The_operator_exposes_what_was_recorded()
    {
        var node = NodeSpec.Sized("node-1");
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = [node with { Allocatable = new Dictionary<string, string>(node.Allocatable) { [GpuResources.Amd] = "1" } }] });
        if (StoryCluster.IsExternal) Assert.Ignore("Another API server has other objects, too.");
        cluster.Rules.Add(new PodRule { Container = DeploymentBuilder.Container, Labels = new Dictionary<string, string> { [Labels.Service] = "crash" }, Times = 1, RunTime = TimeSpan.FromMilliseconds(200), ExitCode = 1 });
        var running = await cluster.StartOperatorAsync(new() { LeaderElect = true, PodNamespace = cluster.Namespace, PodName = "operator-a" });
        await cluster.CreateModelAsync("tiny");
        await cluster.ModelAsync("tiny", ModelPhases.Ready);
        await cluster.CreateServiceAsync("crash");
        await cluster.CreateModelAsync("large", with: m => m.Hardware = new() { Accelerator = Accelerators.Cuda, Gpu = new() { Count = 1 } });
        await cluster.ModelAsync("large", ModelPhases.Ready);
        await cluster.CreateServiceAsync("waits", "large");
        await cluster.ServiceAsync("waits", s => s.Phase == InferenceServicePhases.WaitingForGPU);
        await cluster.PatchServiceAsync("waits", new { replicas = 0 });
        await cluster.ServiceAsync("waits", s => s.Phase == InferenceServicePhases.Stopped);
        await cluster.ServiceAsync("crash", s => s.Phase == InferenceServicePhases.Ready);
        cluster.Rules.Add(new PodRule { Container = DeploymentBuilder.Container, Labels = new Dictionary<string, string> { [Labels.Service] = "fast" }, LogLines = ServerLogs.Recorded("vulkan").Split('\n') });
        await cluster.CreateModelAsync("accelerated", with: m => m.Hardware = new() { Accelerator = Accelerators.Rocm, Gpu = new() { Count = 1 } });
        await cluster.CreateServiceAsync("fast", "accelerated");
        await cluster.ServiceAsync("fast", s => s.Acceleration is not null);
        cluster.Rules.Add(Fetches.Endless with { LogLines = ["""{"event":"progress","bytes":1048576,"total":4194304,"transferred":1048576}"""] });
        await cluster.CreateModelAsync("fetched");
        var scrape = await Eventually.SeeAsync(
            async () => (await running.MetricsAsync()).ReplaceLineEndings("\n"),
            m => MetricDefinitions.Groups.SelectMany(g => g.Metrics).All(d => m.Contains($"\n{d.Name}", StringComparison.Ordinal) && HasSample(m, d.Name)),
            "every metric has a series");

        Compare("operator.prom", "A scrape of the operator", (scrape + await ProcessAsync()).Replace(cluster.Namespace, "team", StringComparison.Ordinal));
    }

    [Test]
    public async Task Llama_server_exposes_what_was_recorded()
    {
        var folder = Directory.CreateTempSubdirectory("llama-");
        try
        {
            var weights = Path.Combine(folder.FullName, "tiny.gguf");
            TinyModel.WriteFile(weights, new());
            using var network = LoopbackNetwork.Reserve();
            var address = new Uri($"http://{network.TakePodAddress()}:{InferenceServiceDefaults.Port.ToString(CultureInfo.InvariantCulture)}");
            using var server = Process.Start(new ProcessStartInfo(
                Tools.Find("llama-server"), ["--model", weights, "--host", address.Host, "--port", address.Port.ToString(CultureInfo.InvariantCulture), "--metrics"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var words = Task.WhenAll(server.StandardOutput.ReadToEndAsync(), server.StandardError.ReadToEndAsync());
            try
            {
                using var http = new HttpClient { BaseAddress = address };
                await Eventually.SeeAsync(() => HealthAsync(http), s => s == HttpStatusCode.OK, "its model is loaded");
                using var answer = await http.PostAsJsonAsync("/v1/chat/completions", new { messages = new[] { new { role = "user", content = "Is the pod ready?" } }, max_tokens = 8 });
                Assert.That(answer.IsSuccessStatusCode, Is.True);

                Compare("llama-server.prom", "A scrape of llama.cpp's llama-server with --metrics, after one question", await http.GetStringAsync("/metrics"));
            }
            finally
            {
                server.Kill();
                await server.WaitForExitAsync();
                await words;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Those of the process are in the registry that the program uses and a test's operator does not.
    private static async Task<string> ProcessAsync()
    {
        using var text = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(text);
        var lines = Encoding.UTF8.GetString(text.ToArray()).Split('\n').Where(l => l.StartsWith("process_", StringComparison.Ordinal) || l.StartsWith("dotnet_", StringComparison.Ordinal));
        return string.Concat(lines.Select(l => l + "\n"));
    }

    private static void Compare(string file, string what, string scrape)
    {
        var path = RecordedScrape.PathOf(file);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, $"# {what}; a test compares it with a live one, in names and labels.\n{scrape}");

        Assert.That(RecordedScrape.Shapes(scrape), Is.EqualTo(RecordedScrape.Shapes(File.ReadAllText(path))), $"differs from {file}; UPDATE_GOLDEN=1 records it anew");
    }

    // Help and type are there before the first series.
    private static bool HasSample(string scrape, string name) =>
        scrape.Contains($"\n{name} ", StringComparison.Ordinal) || scrape.Contains($"\n{name}{{", StringComparison.Ordinal) || scrape.Contains($"\n{name}_count", StringComparison.Ordinal);

    private static async Task<HttpStatusCode?> HealthAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/health");
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null; // It does not listen yet.
        }
    }
}
