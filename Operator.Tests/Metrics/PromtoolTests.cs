using LlmKube.Operator.LocalCluster.Networking;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>The program itself, as it is installed, under the eyes of Prometheus' own checker.</summary>
public sealed class PromtoolTests
{
    [Test]
    public async Task The_live_endpoint_passes_but_for_the_two_gauges_that_keep_an_old_name()
    {
        await using var cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        using var folder = new Folder();
        await cluster.CreateModelAsync("tiny");
        await cluster.CreateServiceAsync("chat");
        using var network = LoopbackNetwork.Reserve();
        var address = $"{network.TakePodAddress()}:8443";
        using var program = ProgramProcess.Start(
            [],
            ["--kubeconfig", cluster.Kubeconfig(folder.Path), "--leader-elect", "--metrics-secure=false", $"--metrics-bind-address={address}", "--health-probe-bind-address=0", "--log-level=error"]);
        using var http = new HttpClient();
        var text = await Eventually.SeeAsync(
            () => TryGetAsync(http, new Uri($"http://{address}/metrics")),
            m => m.Contains($"llmkube_inferenceservice_ready_duration_seconds_count{{inferenceservice=\"chat\",namespace=\"{cluster.Namespace}\"}} 1", StringComparison.Ordinal),
            "the program has brought the service up");

        Assert.That(await CheckAsync(text), Is.EqualTo(
        [
            "llmkube_active_inferenceservices_total non-counter metrics should not have \"_total\" suffix",
            "llmkube_active_models_total non-counter metrics should not have \"_total\" suffix",
        ]));
        var scrape = new Scrape(text);
        Assert.That(scrape.Families.Where(f => !f.StartsWith("llmkube_", StringComparison.Ordinal)).Select(f => f.Split('_')[0]).Distinct(),
            Is.EquivalentTo(["controller", "workqueue", "leader", "rest", "process", "dotnet"]));
        Assert.That(await File.ReadAllTextAsync($"/proc/{program.Id}/maps"), Does.Contain("LlmKube.Operator.dll").And.Not.Contain("Spectre.Console"), "what only the plugin needs costs the operator nothing");
        Assert.That((scrape["leader_election_master_status{name=\"llmkube-operator-leader\"}"], scrape["process_working_set_bytes"] > 0), Is.EqualTo((1, true)));
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(string text)
    {
        var (_, words) = await Promtool.TellAsync(text, "check", "metrics");
        return [.. words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];
    }

    private static async Task<string> TryGetAsync(HttpClient http, Uri uri)
    {
        try
        {
            return await http.GetStringAsync(uri);
        }
        catch (HttpRequestException e)
        {
            return e.Message; // it does not listen yet
        }
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("promtool-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
