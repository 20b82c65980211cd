using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Gguf;
using LlmKube.Operator.Tests.Stories;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Sources that are looked at where they lie.</summary>
[TestFixture]
internal sealed class SourceProofTests : FetchFixture
{
    private string Mounted => Path.Combine(Folder, "volume", "m.gguf");

    [SetUp]
    public void MakeVolume() => Directory.CreateDirectory(Path.GetDirectoryName(Mounted)!);

    [Test]
    public async Task A_file_of_a_claim_is_proved_and_nothing_is_written_beside_it()
    {
        await File.WriteAllBytesAsync(Mounted, Bytes.Sound);

        var report = await FetchAsync(OfClaim() with { ExpectedSha256 = [Bytes.Sha256(Bytes.Sound)] });

        Assert.That((report.Complete, report.Cached, report.Sha256, report.Bytes, report.Transferred), Is.EqualTo((true, true, Bytes.Sha256(Bytes.Sound), Bytes.Sound.Length, 0)), report.Message);
        Assert.That(report.Gguf!.Architecture, Is.EqualTo("llama"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(Mounted)!), Is.EqualTo([Mounted]));
        Assert.That(Directory.Exists(Paths.Folder), Is.False);
    }

    private static IEnumerable<TestCaseData> Unsound()
    {
        yield return new TestCaseData(null, Reasons.SourceNotFound, "pvc://weights/m.gguf");
        yield return new TestCaseData("<html>"u8.ToArray(), Reasons.NotGguf, "");
        yield return new TestCaseData(Bytes.Sound[..1_000_000], Reasons.NotGguf, "incomplete");
        yield return new TestCaseData(Bytes.Other, Reasons.ChecksumMismatch, Bytes.Sha256(Bytes.Other));
    }

    [TestCaseSource(nameof(Unsound))]
    public async Task A_file_of_a_claim_that_is_not_what_it_should_be(byte[]? content, string reason, string words)
    {
        if (content is not null) await File.WriteAllBytesAsync(Mounted, content);

        var report = await FetchAsync(OfClaim() with { ExpectedSha256 = [Bytes.Sha256(Bytes.Sound)] });

        Assert.That((report.Complete, report.Reason, report.Terminal), Is.EqualTo((false, reason, true)), report.Message);
        Assert.That(report.Message, Does.Contain(words));
    }

    [Test]
    public async Task The_header_alone_costs_no_more_than_itself()
    {
        Server.Usually = MisbehavingServer.StallAt(1_000_000);

        var report = await FetchAsync(Options() with { HeaderOnly = true });

        Assert.That((report.Complete, report.Bytes, report.Gguf!.LayerCount), Is.EqualTo((true, Bytes.Sound.Length, 4)), report.Message);
        Assert.That(Directory.Exists(Paths.Folder), Is.False);
    }

    [Test]
    public async Task A_source_that_keeps_silent_within_its_header_has_stalled()
    {
        Server.Usually = MisbehavingServer.StallAt(1_000);

        var report = await FetchAsync(Options() with { HeaderOnly = true, StallTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.That((report.Complete, report.Reason, report.Terminal), Is.EqualTo((false, Reasons.SourceStalled, false)), report.Message);
        Assert.That(report.Message, Does.Contain("at byte 1000"));
    }

    [Test]
    public async Task Who_waits_for_a_header_can_be_told_to_stop()
    {
        Server.Usually = MisbehavingServer.StallAt(1_000);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => Fetch.RunAsync(Options() with { HeaderOnly = true }, TextWriter.Null, TextWriter.Null, TimeProvider.System, new Random(1), stop.Token));
        await Eventually.TrueAsync(() => Server.BytesSent == 1_000, "the source has fallen silent");

        await stop.CancelAsync();

        Assert.That((await running).Report.Reason, Is.EqualTo(Reasons.Interrupted));
    }

    [Test]
    public async Task Parts_in_a_claim_must_be_of_one_split()
    {
        var (own, other) = (new TinyGguf().BuildParts(2), new TinyGguf { Layers = 3 }.BuildParts(2));
        await File.WriteAllBytesAsync(Path.Combine(Folder, "volume", "m-00001-of-00002.gguf"), own[0]);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "volume", "m-00002-of-00002.gguf"), own[1]);
        var options = Options("pvc://weights/m-00001-of-00002.gguf") with { VerifyOnly = true, LocalPath = Path.Combine(Folder, "volume", "m-00001-of-00002.gguf") };
        Assert.That((await FetchAsync(options)).Complete, Is.True);

        await File.WriteAllBytesAsync(Path.Combine(Folder, "volume", "m-00002-of-00002.gguf"), other[1]);

        var report = await FetchAsync(options);
        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.NotGguf, true)));
        Assert.That(report.Message, Does.Contain("m-00001-of-00002.gguf and m-00002-of-00002.gguf are parts of different models: split.tensors.count"));
    }

    private FetchOptions OfClaim() => Options("pvc://weights/m.gguf") with { VerifyOnly = true, LocalPath = Mounted };
}
