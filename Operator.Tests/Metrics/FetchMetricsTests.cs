using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.LocalCluster.Nodes;
using LlmKube.Operator.LocalCluster.Nodes.Simulation;
using LlmKube.Operator.Models;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Metrics;

/// <summary>What the metrics say of fetches that take their time, and of those that fail.</summary>
public sealed class FetchMetricsTests
{
    // Runs for as long as the test wants. 100 bytes were there from an earlier run, 300 more have come when the only line is written, 900 in the end.
    private static readonly PodRule s_slow = new()
    {
        Container = FetchJobBuilder.Container,
        UntilRemoved = true,
        LogLines = ["""{"event":"progress","step":"transferring","bytes":400,"total":1000,"transferred":300,"percent":40,"bytesPerSecond":5,"resumes":1}""", "a line of something else"],
        TerminationMessage = TerminationMessage.Format(new FetchReport { Complete = true, Sha256 = new string('a', 64), Bytes = 1000, Transferred = 900, Resumes = 3, Seconds = 60 }),
    };

    private readonly Clock _clock = new();
    private StoryCluster _cluster = null!;
    private RunningOperator _operator = null!;

    private string Here => $"{{namespace=\"{_cluster.Namespace}\"}}";

    private string Tiny => $"{{model=\"tiny\",namespace=\"{_cluster.Namespace}\"}}";

    [SetUp]
    public async Task StartAsync()
    {
        if (StoryCluster.IsExternal) Assert.Ignore("There pods have no logs.");
        _cluster = await StoryCluster.StartAsync(new() { Nodes = NodeSpec.Many(1), Time = _clock.Time });
        _operator = await _cluster.StartOperatorAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Test]
    public async Task A_fetch_tells_how_far_it_is_while_it_runs_and_each_byte_counts_once()
    {
        _cluster.Rules.Add(s_slow);
        await _cluster.CreateModelAsync("tiny");

        var running = await WaitAsync(s => s[$"llmkube_model_download_progress_ratio{Tiny}"] == 0.4, "the log has been read");
        Assert.That(running[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Downloading\"}}"], Is.EqualTo(1));
        Assert.That(running[$"llmkube_model_size_bytes{Tiny}"], Is.EqualTo(1000));
        Assert.That((running["llmkube_model_download_bytes_total"], running["llmkube_model_download_resumes_total"]), Is.EqualTo((300, 1)));
        Assert.That((running[$"llmkube_cache_bytes{Here}"], running[$"llmkube_cache_artifacts{Here}"]), Is.EqualTo((0, 0)), "half a file is none");
        var started = running[$"llmkube_model_download_started_timestamp_seconds{Tiny}"];
        Assert.That(started, Is.EqualTo((double)_clock.Time.GetUtcNow().ToUnixTimeSeconds()).Within(30));

        await _clock.PassAsync(_operator, TimeSpan.FromSeconds(15));
        var model = await _cluster.ModelAsync("tiny", ModelPhases.Downloading);
        Assert.That(model.Status.Download, Is.EqualTo(new ModelDownload { Bytes = 400, TotalBytes = 1000, Percent = 40, BytesPerSecond = 5 }));
        var version = model.Metadata.ResourceVersion;
        running = await _operator.ScrapeAsync();
        var looks = running["llmkube_reconcile_total{controller=\"model\",result=\"success\"}"];
        await _clock.PassAsync(_operator, TimeSpan.FromSeconds(25));
        var later = await _operator.ScrapeAsync();
        Assert.That(later["llmkube_reconcile_total{controller=\"model\",result=\"success\"}"], Is.EqualTo(looks), "logs are read apart from the reconciles");
        Assert.That((await _cluster.ModelAsync("tiny", ModelPhases.Downloading)).Metadata.ResourceVersion, Is.EqualTo(version), "looking costs no write");
        Assert.That(later[$"llmkube_model_download_started_timestamp_seconds{Tiny}"], Is.EqualTo(started));
        Assert.That(later["llmkube_model_download_bytes_total"], Is.EqualTo(300));

        _cluster.Rules.Remove(s_slow);
        var done = await WaitAsync(s => s[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Ready\"}}"] == 1, "it is Ready");
        Assert.That((done["llmkube_model_download_bytes_total"], done["llmkube_model_download_resumes_total"]), Is.EqualTo((900, 3)));
        Assert.That((done[$"llmkube_cache_bytes{Here}"], done[$"llmkube_cache_artifacts{Here}"]), Is.EqualTo((1000, 1)));
        Assert.That(done[$"llmkube_model_size_bytes{Tiny}"], Is.EqualTo(1000));
        Assert.That(done.Of("llmkube_model_download_progress_ratio").Concat(done.Of("llmkube_model_download_started_timestamp_seconds")), Is.Empty);
    }

    [Test]
    public async Task A_new_operator_does_not_count_what_the_last_one_has_counted()
    {
        _cluster.Rules.Add(s_slow);
        await _cluster.CreateModelAsync("tiny");
        await WaitAsync(s => s["llmkube_model_download_bytes_total"] == 300, "the first operator has counted");
        await _cluster.StopOperatorAsync(_operator);

        _operator = await _cluster.StartOperatorAsync();

        var taken = await WaitAsync(s => s[$"llmkube_model_download_progress_ratio{Tiny}"] == 0.4, "the second has read the log");
        Assert.That((taken["llmkube_model_download_bytes_total"], taken["llmkube_model_download_resumes_total"]), Is.EqualTo((0, 0)));
        _cluster.Rules.Remove(s_slow);
        var done = await WaitAsync(s => s[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Ready\"}}"] == 1, "it is Ready");
        Assert.That((done["llmkube_model_download_bytes_total"], done["llmkube_model_download_resumes_total"]), Is.EqualTo((600, 2)));
    }

    [Test]
    public async Task A_log_of_lies_says_nothing_and_harms_nothing()
    {
        var lying = s_slow with
        {
            LogLines =
            [
                """{"event":"progress","bytes":-1,"total":10,"transferred":0}""",
                """{"event":"progress","bytes":1,"total":10,"transferred":9223372036854775807}""",
                """{"event":"progress","bytes":1,"total":0,"transferred":1}""",
                """{"event":"progress","bytes":1,"total":10,"transferred":1,"resumes":-1}""",
                """{"event":"progress","bytes":1,"total":10,"transferred":1,"resumes":2000000000}""",
                $$$"""{"event":"progress","bytes":{{{new string('[', 4000)}}}}""",
            ],
        };
        _cluster.Rules.Add(lying);
        await _cluster.CreateModelAsync("tiny");
        await WaitAsync(s => s.Of("llmkube_model_download_started_timestamp_seconds").Any(), "it runs");

        await _clock.PassAsync(_operator, TimeSpan.FromSeconds(25));
        var read = await _operator.ScrapeAsync();
        Assert.That(read.Of("llmkube_model_download_progress_ratio"), Is.Empty);
        Assert.That(read["llmkube_model_download_bytes_total"], Is.Zero);

        _cluster.Rules.Remove(lying);
        var done = await WaitAsync(s => s[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Ready\"}}"] == 1, "it is Ready");
        Assert.That((done["llmkube_model_download_bytes_total"], done["llmkube_reconcile_total{controller=\"model\",result=\"error\"}"]), Is.EqualTo((900, 0)));
    }

    [Test]
    public async Task A_failure_is_counted_by_its_reason_and_its_time_is_in_no_histogram()
    {
        var before = await _operator.ScrapeAsync();
        Assert.That(before.Of("llmkube_model_failures_total").Select(s => s.Value), Is.EqualTo(Enumerable.Repeat(0, 21)), "each reason is there from the start");
        _cluster.Rules.Add(Fetches.NotFound);
        await _cluster.CreateModelAsync("tiny");

        var failed = await WaitAsync(s => s["llmkube_model_failures_total{reason=\"SourceNotFound\"}"] == 1, "the failure is counted");
        Assert.That(failed.Of("llmkube_model_failures_total").Sum(s => s.Value), Is.EqualTo(1));
        failed = await WaitAsync(s => s[$"llmkube_model_status{{model=\"tiny\",namespace=\"{_cluster.Namespace}\",phase=\"Failed\"}}"] == 1, "it is Failed");
        Assert.That(failed.Of("llmkube_model_download_duration_seconds_count"), Is.Empty);

        await _cluster.PatchModelAsync("tiny", new { source = "/srv/models/a.gguf" });

        await WaitAsync(s => s["llmkube_model_failures_total{reason=\"SourceNotAllowed\"}"] == 1, "another reason is another failure");
    }

    private Task<Scrape> WaitAsync(Func<Scrape, bool> isSo, string what) => _clock.PassUntilAsync(_operator, isSo, what);
}
