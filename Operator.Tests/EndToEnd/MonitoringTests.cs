using LlmKube.Operator.Tests.Monitoring;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.EndToEnd;

/// <summary>What a real Prometheus sees of a whole installation, and what it makes of it.</summary>
public sealed class MonitoringTests
{
    /// <summary>Panels of a ratio of nothing to nothing: no server here drafts tokens.</summary>
    private static readonly HashSet<string> MayBeIdle = ["Drafts accepted"];

    private WeightsServer _weights = null!;
    private MonitoredCluster? _monitored;

    private MonitoredCluster Monitored => _monitored!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There service accounts have no tokens.");
        _weights = await WeightsServer.StartAsync();
        _monitored = await MonitoredCluster.StartAsync(TimeSpan.FromSeconds(1));
        await Monitored.ApplyAsync(Happenings.Sound(_weights));
        await Monitored.Kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/chat", "--timeout=100s");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_monitored is not null) await _monitored.DisposeAsync();
        if (_weights is not null) await _weights.DisposeAsync();
    }

    [Test]
    public async Task Both_monitors_find_their_targets_and_name_them()
    {
        var controller = (await Monitored.SeeAsync("up{job=\"llmkube-controller\"} == 1", s => s.Count == 1)).Single();
        var server = (await Monitored.SeeAsync("up{job=\"llmkube-inference\"} == 1", s => s.Count == 1)).Single();

        Assert.That(controller.Labels, Does.ContainKey("pod").And.ContainKey("namespace").WithValue("llmkube-system").And.ContainKey("service").WithValue("llmkube-operator-metrics"));
        Assert.That(server.Labels.Where(l => l.Key is "namespace" or "service" or "model" or "runtime" or "container" or "endpoint").ToDictionary(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["namespace"] = "default",
            ["service"] = "chat",
            ["model"] = "tiny",
            ["runtime"] = "llamacpp",
            ["container"] = "llama-server",
            ["endpoint"] = "http",
        }));
        Assert.That(server.Labels["pod"], Does.StartWith("chat-"));
        var phase = (await Monitored.SeeAsync("llmkube_inferenceservice_phase{phase=\"Ready\"} == 1", s => s.Count == 1)).Single();
        Assert.That(phase.Labels, Does.ContainKey("namespace").WithValue("default").And.ContainKey("inferenceservice").WithValue("chat"), "the object's namespace, not the operator's");
    }

    [Test]
    public async Task Nothing_is_said_while_all_is_well_and_of_a_service_that_is_stuck_it_is()
    {
        await Monitored.SeeAsync("llmkube:inferenceservice:servers_up{inferenceservice=\"chat\"} == 1", s => s.Count == 1);
        await Eventually.SeeAsync(Monitored.Prometheus.AlertsAsync, alerts => alerts is [{ Name: "LLMKubeWatchdog", State: "firing" }], "only the watchdog is raised, and what was while the model loaded is over");

        await Monitored.ApplyAsync(Happenings.Stuck);

        var alerts = await Eventually.SeeAsync(Monitored.Prometheus.AlertsAsync, alerts => alerts.Any(a => a.Name == "InferenceServiceNotReady"), "it is pending");
        var alert = alerts.Single(a => a.Name == "InferenceServiceNotReady");
        Assert.That(alert.State, Is.EqualTo("pending"), "fifteen minutes have not passed");
        Assert.That(alert.Labels, Does.ContainKey("inferenceservice").WithValue("stuck").And.ContainKey("namespace").WithValue("default"));
        Assert.That(alerts.Select(a => a.Name), Is.EquivalentTo(new[] { "InferenceServiceNotReady", "LLMKubeWatchdog" }));
        Assert.That(await Monitored.Prometheus.BrokenRulesAsync(), Is.Empty);
        await Monitored.Kubectl.RunAsync("delete", "isvc", "stuck");
    }

    [Test]
    public async Task Every_query_of_every_panel_gives_a_sample_once_its_cause_has_happened()
    {
        using var stop = new CancellationTokenSource();
        var asking = Happenings.AskAsync(Monitored, "chat", stop.Token);
        try
        {
            await Monitored.ApplyAsync(Happenings.Unlucky(_weights));
            await Monitored.ApplyAsync(Happenings.Stuck);
            await Monitored.Kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=WaitingForGPU", "isvc/queued", "--timeout=100s");
            await Monitored.ApplyAsync(Happenings.Luck(_weights));
            await Happenings.KillServerAsync(Monitored, "chat");

            foreach (var query in DashboardFile.All.SelectMany(d => d.Queries(rateInterval: "10s", range: "5m")).Where(q => !IsOfNvidia(q)))
            {
                await Eventually.SeeAsync(
                    () => Monitored.Prometheus.QueryAsync(query.Expression),
                    samples => samples.Any(s => double.IsFinite(s.Value) || MayBeIdle.Contains(query.Panel)),
                    $"{query.Dashboard}, {query.Panel}: {query.Expression}");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await asking;
            await Monitored.Kubectl.RunAsync("delete", "--ignore-not-found", "isvc/queued", "isvc/stuck", "mdl/wide", "mdl/lost");
            await Monitored.Kubectl.RunAsync("wait", "--for=jsonpath={.status.phase}=Ready", "isvc/chat", "--timeout=100s");
        }
    }

    /// <summary>The one exception: of GPUs an exporter tells that needs one.</summary>
    private static bool IsOfNvidia(PanelQuery query) => query.Expression.Contains("DCGM_", StringComparison.Ordinal);
}
