using LlmKube.Operator.LocalCluster.Demo;

namespace LlmKube.Operator.LocalCluster.Tests.Demo;

/// <summary>What is said of what is seen.</summary>
public sealed class NarratorTests
{
    private Narrator _narrator = null!;

    [SetUp]
    public void Begin() => _narrator = new();

    [Test]
    public void Each_phase_is_told_once()
    {
        Assert.That(See(Model(null)), Is.Empty);
        Assert.That(See(Model("Downloading")), Is.EqualTo(new[] { "Model demo: Downloading" }));
        Assert.That(See(Model("Downloading")), Is.Empty);
        Assert.That(See(Model("Ready") with { Size = "9.8 MiB", Sha256 = "0123456789abcdef" }), Is.EqualTo(new[] { "Model demo: Ready (9.8 MiB, sha256 0123456789ab...)" }));
    }

    [Test]
    public void What_is_tried_again_is_told_with_its_cause_and_the_next_cause_too()
    {
        Assert.That(See(Troubled("Downloading", "first")), Is.EqualTo(new[] { "Model demo: Downloading", "Model demo: SourceUnavailable: first" }));
        Assert.That(See(Troubled("Downloading", "first")), Is.Empty);
        Assert.That(See(Troubled("Downloading", "second")), Is.EqualTo(new[] { "Model demo: SourceUnavailable: second" }));
    }

    [Test]
    public void A_failure_is_a_verdict_with_its_cause()
    {
        var failed = new ServedModel { Metadata = new() { Name = "demo" }, Status = Troubled("Failed", "answered 404") };
        Assert.That(Narrator.Verdict(failed, "Model"), Is.EqualTo("Model demo has failed: SourceUnavailable: answered 404"));
        Assert.That(See(failed.Status!), Is.EqualTo(new[] { "Model demo: Failed" }), "its cause is not told twice");
        Assert.That(Narrator.Verdict(null, "Model"), Is.Null);
        Assert.That(Narrator.Verdict(new ServedModel { Status = Troubled("Downloading", "again") }, "Model"), Is.Null);
    }

    [Test]
    public void A_service_that_waits_for_a_gpu_says_what_the_scheduler_says()
    {
        var service = new ServedService { Metadata = new() { Name = "demo" }, Status = new() { Phase = "WaitingForGPU", SchedulingMessage = "0/2 nodes are available" } };
        Assert.That(_narrator.See(service, "InferenceService"), Is.EqualTo(new[] { "InferenceService demo: WaitingForGPU (0/2 nodes are available)" }));
    }

    [TestCase(42_000_000, 100_000_000L, 29_000_000, "fetching: 42.0 % of 100.0 MB, 29 MB/s, 2 s left")]
    [TestCase(4_600_000_000, 4_600_000_000L, 0, "fetching: 100.0 % of 4.6 GB, 0 MB/s")]
    [TestCase(42_000_000, null, 1_500_000, "fetching: 42.0 MB, 2 MB/s")]
    public void A_fetch_is_told_by_what_its_source_says(long bytes, long? total, long rate, string text) => Assert.That(Narrator.Of(new(bytes, total, rate)), Is.EqualTo(text));

    [Test]
    public void A_fetch_moves_when_bytes_come()
    {
        Assert.That(_narrator.See(new FetchProgress(10, 100, 5)), Is.True);
        Assert.That(_narrator.See(new FetchProgress(10, 100, 0)), Is.False);
        Assert.That(_narrator.See(new FetchProgress(20, 100, 5)), Is.True);
    }

    [TestCase("""{"event":"progress","step":"transfer","bytes":10,"total":100,"percent":10.0,"bytesPerSecond":5,"etaSeconds":18,"resumes":0}""", 10, 100L, 5)]
    [TestCase("""{"event":"progress","step":"transfer","bytes":10,"total":null,"bytesPerSecond":5}""", 10, null, 5)]
    public void A_line_of_the_fetch_is_read(string line, long bytes, long? total, long rate) => Assert.That(FetchProgress.Parse(line), Is.EqualTo(new FetchProgress(bytes, total, rate)));

    [TestCase("")]
    [TestCase("[node-1] all addresses is 127.64.0.1 here")]
    [TestCase("""{"reason":"Fetched","bytes":10}""")]
    [TestCase("""{"event":"progress","bytes":""")]
    [TestCase("""{"event":"progress","bytes":"many"}""")]
    [TestCase("{}")]
    public void Any_other_line_is_none_of_its(string line) => Assert.That(FetchProgress.Parse(line), Is.Null);

    private IReadOnlyList<string> See(ServedStatus status) => _narrator.See(new ServedModel { Metadata = new() { Name = "demo" }, Status = status }, "Model");

    private static ServedStatus Model(string? phase) => new() { Phase = phase };

    private static ServedStatus Troubled(string phase, string message) => new()
    {
        Phase = phase,
        Conditions = [new() { Type = "Progressing", Status = "True", Reason = "DownloadStarted" }, new() { Type = "Degraded", Status = "True", Reason = "SourceUnavailable", Message = message }],
    };
}
