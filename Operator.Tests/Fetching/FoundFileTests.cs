using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>A file that lies at the final path and that no fetch of ours has brought, as the Go operator's.</summary>
[TestFixture]
internal sealed class FoundFileTests : FetchFixture
{
    private static readonly string s_sound = Bytes.Sha256(Bytes.Sound);

    [Test]
    public async Task The_wanted_file_is_taken_for_what_it_is_and_nobody_is_asked()
    {
        await PutAsync(Bytes.Sound);

        var report = await FetchAsync(Options() with { ExpectedSha256 = [s_sound] });

        AssertInPlace(Bytes.Sound, report);
        Assert.That((report.Transferred, report.Gguf!.LayerCount, Server.Requests.Count), Is.EqualTo((0, 4, 0)));
        Assert.That((await FetchAsync()).Cached, Is.True, "it is marked");
    }

    [Test]
    public async Task What_the_host_says_that_it_has_is_not_transferred()
    {
        Server.Headers = [("X-Linked-ETag", s_sound)];
        Server.Usually = MisbehavingServer.StallAt(1); // Its headers are out then, and the rest never comes.
        await PutAsync(Bytes.Sound);

        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        Assert.That((report.Transferred, report.ETag), Is.EqualTo((0, "\"v1\"")));
    }

    private static IEnumerable<TestCaseData> Unproved()
    {
        yield return new TestCaseData(Bytes.Sound, "", "").SetArgDisplayNames("the same length, which proves nothing");
        yield return new TestCaseData(Bytes.Other, "", "").SetArgDisplayNames("another version of the same length");
        yield return new TestCaseData(Bytes.Other, s_sound, "").SetArgDisplayNames("another version, says the host");
        yield return new TestCaseData(Bytes.Other, "", s_sound).SetArgDisplayNames("another version, says the user");
        yield return new TestCaseData(Bytes.Sound[..^1], s_sound, s_sound).SetArgDisplayNames("not whole");
        yield return new TestCaseData(Array.Empty<byte>(), s_sound, "").SetArgDisplayNames("empty");
    }

    [TestCaseSource(nameof(Unproved))]
    public async Task What_is_not_proved_stays_until_a_proved_one_takes_its_place(byte[] content, string announced, string wanted)
    {
        if (announced.Length > 0) Server.Headers = [("X-Linked-ETag", announced)];
        await PutAsync(content);
        var options = Options() with { ExpectedSha256 = wanted.Length > 0 ? [wanted] : [], Retries = 0 };
        Server.ThenStatus(404).ThenResetAt(1_000_000);

        foreach (var reason in (string[])[Reasons.SourceNotFound, Reasons.SourceUnreachable])
        {
            Assert.That((await FetchAsync(options)).Reason, Is.EqualTo(reason));
            Assert.That(await File.ReadAllBytesAsync(Paths.Final), Is.EqualTo(content), "it may be the only copy");
            Assert.That(File.Exists(Paths.Marker), Is.False, "it counts for nothing");
        }

        AssertInPlace(Bytes.Sound, await FetchAsync(options));
    }

    [Test]
    public async Task What_is_announced_and_no_GGUF_is_not_taken()
    {
        byte[] page = [.. "<html>"u8, .. new byte[100]];
        Server.File = page;
        Server.Headers = [("X-Linked-ETag", Bytes.Sha256(page))];
        await PutAsync(page);

        Assert.That((await FetchAsync()).Reason, Is.EqualTo(Reasons.NotGguf));
        Assert.That((File.Exists(Paths.Final), File.Exists(Paths.Marker)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_link_to_a_file_elsewhere_is_not_taken()
    {
        var elsewhere = Path.Combine(Folder, "elsewhere");
        await File.WriteAllBytesAsync(elsewhere, Bytes.Sound);
        Directory.CreateDirectory(Paths.Folder);
        File.CreateSymbolicLink(Paths.Final, elsewhere);

        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { ExpectedSha256 = [s_sound] }));
        Assert.That((new FileInfo(Paths.Final).LinkTarget, File.Exists(elsewhere), Server.Requests.Count), Is.EqualTo(((string?)null, true, 1)));
    }

    private async Task PutAsync(byte[] content)
    {
        Directory.CreateDirectory(Paths.Folder);
        await File.WriteAllBytesAsync(Paths.Final, content);
    }
}
