using LlmKube.Operator.Entities;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.Metrics;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>A Model and an InferenceService that came up: what each metric says of it.</summary>
public sealed class ReadyPairTests
{
    private const string Model = "model=\"tiny\",namespace=\"NS\"";
    private const string Service = "inferenceservice=\"chat\",namespace=\"NS\"";

    private static readonly Dictionary<string, double> Samples = new()
    {
        [$"llmkube_model_status{{{Model},phase=\"Pending\"}}"] = 0,
        [$"llmkube_model_status{{{Model},phase=\"Downloading\"}}"] = 0,
        [$"llmkube_model_status{{{Model},phase=\"Copying\"}}"] = 0,
        [$"llmkube_model_status{{{Model},phase=\"Ready\"}}"] = 1,
        [$"llmkube_model_status{{{Model},phase=\"Failed\"}}"] = 0,
        [$"llmkube_model_size_bytes{{{Model}}}"] = 4_939_212_390,
        [$"llmkube_model_download_duration_seconds_sum{{{Model},source_type=\"remote\"}}"] = 61,
        [$"llmkube_model_download_duration_seconds_count{{{Model},source_type=\"remote\"}}"] = 1,
        [$"llmkube_model_download_duration_seconds_bucket{{{Model},source_type=\"remote\",le=\"32\"}}"] = 0,
        [$"llmkube_model_download_duration_seconds_bucket{{{Model},source_type=\"remote\",le=\"64\"}}"] = 1,
        [$"llmkube_model_download_duration_seconds_bucket{{{Model},source_type=\"remote\",le=\"2048\"}}"] = 1,
        ["llmkube_model_download_bytes_total"] = 4_939_212_390,
        ["llmkube_model_download_resumes_total"] = 0,
        ["llmkube_cache_bytes{namespace=\"NS\"}"] = 4_939_212_390,
        ["llmkube_cache_artifacts{namespace=\"NS\"}"] = 1,
        ["llmkube_active_models_total"] = 1,
        ["llmkube_active_inferenceservices_total"] = 1,
        [$"llmkube_inferenceservice_phase{{{Service},phase=\"Ready\"}}"] = 1,
        [$"llmkube_inferenceservice_phase{{{Service},phase=\"WaitingForGPU\"}}"] = 0,
        [$"llmkube_inferenceservice_ready_duration_seconds_count{{{Service}}}"] = 1,
        [$"llmkube_inferenceservice_ready_duration_seconds_bucket{{{Service},le=\"2560\"}}"] = 1,
        ["llmkube_inferenceservice_rollout_duration_seconds_count{namespace=\"NS\"}"] = 1,
        [$"llmkube_inferenceservice_replicas{{{Service},state=\"desired\"}}"] = 1,
        [$"llmkube_inferenceservice_replicas{{{Service},state=\"current\"}}"] = 1,
        [$"llmkube_inferenceservice_replicas{{{Service},state=\"ready\"}}"] = 1,
        [$"llmkube_inferenceservice_info{{{Service},model=\"tiny\",runtime=\"llamacpp\",accelerator=\"cpu\"}}"] = 1,
        [$"llmkube_inferenceservice_condition{{{Service},type=\"Available\",status=\"True\"}}"] = 1,
        [$"llmkube_inferenceservice_condition{{{Service},type=\"Available\",status=\"False\"}}"] = 0,
        [$"llmkube_inferenceservice_condition{{{Service},type=\"Progressing\",status=\"False\"}}"] = 1,
        [$"llmkube_inferenceservice_condition{{{Service},type=\"Progressing\",status=\"Unknown\"}}"] = 0,
        [$"llmkube_inferenceservice_gpu_requested{{{Service}}}"] = 0,
        [$"llmkube_inferenceservice_restarts_total{{{Service},reason=\"OOMKilled\"}}"] = 0,
        ["llmkube_gpu_queue_depth"] = 0,
        ["llmkube_gpu_queue_services{namespace=\"NS\"}"] = 0,
        ["llmkube_gpu_queue_oldest_seconds"] = 0,
        ["llmkube_apply_total{kind=\"Deployment\",result=\"created\"}"] = 1,
        ["llmkube_apply_total{kind=\"Service\",result=\"created\"}"] = 1,
        ["llmkube_apply_total{kind=\"Job\",result=\"created\"}"] = 1,
        ["llmkube_apply_total{kind=\"PersistentVolumeClaim\",result=\"created\"}"] = 1,
        ["llmkube_apply_total{kind=\"PodDisruptionBudget\",result=\"created\"}"] = 0,
        ["llmkube_model_failures_total{reason=\"SourceNotFound\"}"] = 0,
        ["llmkube_otlp_export_failures_total"] = 0,
        ["llmkube_reconcile_total{controller=\"model\",result=\"error\"}"] = 0,
        ["controller_runtime_max_concurrent_reconciles{controller=\"model\"}"] = 4,
        ["controller_runtime_active_workers{controller=\"model\"}"] = 0,
        ["controller_runtime_terminal_reconcile_errors_total{controller=\"model\"}"] = 0,
        ["workqueue_depth{name=\"model\",controller=\"model\"}"] = 0,
        ["workqueue_unfinished_work_seconds{name=\"model\",controller=\"model\"}"] = 0,
        ["workqueue_longest_running_processor_seconds{name=\"model\",controller=\"model\"}"] = 0,
        ["llmkube_undecodable_objects{kind=\"model\"}"] = 0,
        ["llmkube_events_total{result=\"failed\"}"] = 0,
    };

    // What grows with every look, and is there.
    private static readonly string[] Growing =
    [
        "llmkube_reconcile_total{controller=\"model\",result=\"success\"}",
        "llmkube_reconcile_total{controller=\"inferenceservice\",result=\"success\"}",
        "llmkube_reconcile_duration_seconds_count{controller=\"model\"}",
        "llmkube_reconcile_duration_seconds_bucket{controller=\"model\",le=\"10\"}",
        "llmkube_status_writes_total{kind=\"Model\"}",
        "llmkube_status_writes_total{kind=\"InferenceService\"}",
        "llmkube_apply_total{kind=\"Deployment\",result=\"unchanged\"}",
        "controller_runtime_reconcile_total{controller=\"model\",result=\"success\"}",
        "controller_runtime_reconcile_time_seconds_count{controller=\"model\"}",
        "workqueue_adds_total{name=\"model\",controller=\"model\"}",
        "workqueue_queue_duration_seconds_count{name=\"model\",controller=\"model\"}",
        "workqueue_work_duration_seconds_count{name=\"model\",controller=\"model\"}",
        "llmkube_events_total{result=\"created\"}",
    ];

    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1) });
        _operator = await _cluster.StartOperatorAsync();
        await _cluster.CreateModelAsync("tiny");
        await _cluster.CreateServiceAsync("chat");
        await _cluster.ServiceAsync("chat", s => s.Phase == InferenceServicePhases.Ready);
        await _cluster.JobsAsync(jobs => jobs.Items.Count == 0, "the Job is gone");
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _cluster.DisposeAsync();

    public static IEnumerable<string> Names => Samples.Keys;

    public static IEnumerable<string> GrowingNames => Growing;

    [TestCaseSource(nameof(Names))]
    public async Task A_series_says(string series) => await _operator.SeeAsync(Here(series), Samples[series]);

    [TestCaseSource(nameof(GrowingNames))]
    public async Task A_series_has_begun_to_grow(string series) => await _operator.SeeAsync(s => s[series] > 0, series);

    [Test]
    public async Task The_last_event_of_a_watch_was_just_now()
    {
        var heard = (await _operator.ScrapeAsync())["llmkube_watch_last_event_timestamp_seconds{kind=\"model\"}"];

        Assert.That(heard, Is.EqualTo((double)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).Within(TimeSpan.FromMinutes(10).TotalSeconds));
    }

    [Test]
    public async Task The_build_says_what_it_is()
    {
        var build = (await _operator.ScrapeAsync()).Of("llmkube_build_info").Single();

        Assert.That(build.Value, Is.EqualTo(1));
        Assert.That(build.Series, Does.Match("""^llmkube_build_info\{version="[0-9.]+[^"]*",revision="([0-9a-f]{7,40}|unknown)",dotnet="10\.[0-9.]+[^"]*"\}$"""));
    }

    [Test]
    public async Task Requests_to_the_API_server_are_counted() =>
        Assert.That((await _operator.ScrapeAsync()).Of("rest_client_requests_total", "code=\"200\"", "method=\"GET\"").Single().Value, Is.Positive);

    [Test]
    public async Task A_pair_at_rest_costs_at_most_thirty_series_besides_its_two_histograms()
    {
        var scrape = await _operator.SeeAsync(Here($"llmkube_inferenceservice_ready_duration_seconds_count{{{Service}}}"), 1);
        string[] histograms = [MetricDefinitions.ModelDownloadDuration.Name, MetricDefinitions.ServiceReadyDuration.Name];

        var ofThePair = scrape.Series.Where(s => s.Contains(Here(Model), StringComparison.Ordinal) || s.Contains(Here(Service), StringComparison.Ordinal)).ToList();
        var inHistograms = ofThePair.Count(s => histograms.Any(h => s.StartsWith(h, StringComparison.Ordinal)));

        Assert.That((ofThePair.Count - inHistograms, inHistograms), Is.EqualTo((27, 28)));
        var documented = await File.ReadAllTextAsync(Entities.ApiCluster.InRepository("docs", "metrics.md"));
        Assert.That(documented, Does.Contain($"costs {ofThePair.Count - inHistograms} series at rest, and {inHistograms} more for the two histograms"));
        var inNamespace = scrape.Series.Count(s => s.Contains(Here("{namespace=\"NS\""), StringComparison.Ordinal));
        Assert.That(documented, Does.Contain($"| namespace | {inNamespace} |"));
    }

    [Test]
    public async Task A_scrape_asks_the_API_server_for_nothing()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("The requests of another API server can't be counted.");
        await _operator.SeeAsync(s => RunningOperator.IsIdle(s.Text, "model") && RunningOperator.IsIdle(s.Text, "inferenceservice"), "nothing is done");
        var mark = _cluster.Server.Requests.Count;

        for (var i = 0; i < 10; i++) await _operator.ScrapeAsync();

        Assert.That(_cluster.Server.Requests.Since(mark).Where(r => r.User == StoryCluster.OperatorUser && r.Verb != "watch").Select(r => r.Path), Is.Empty);
    }

    [Test]
    public async Task Every_family_is_documented_and_every_metric_of_ours_is_served()
    {
        var documented = await File.ReadAllTextAsync(Entities.ApiCluster.InRepository("docs", "metrics.md"));
        var served = (await _operator.ScrapeAsync()).Families.ToHashSet();

        Assert.That(served.Where(f => !documented.Contains($"`{f}`", StringComparison.Ordinal)), Is.Empty);
        Assert.That(MetricDefinitions.Groups.SelectMany(g => g.Metrics).Select(m => m.Name).Except(served), Is.Empty);
    }

    private string Here(string series) => series.Replace("NS", _cluster.Namespace, StringComparison.Ordinal);
}
