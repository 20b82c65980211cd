using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;

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

    private FetchOptions OfClaim() => Options("pvc://weights/m.gguf") with { VerifyOnly = true, LocalPath = Mounted };
}
