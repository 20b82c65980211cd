using LlmKube.Operator.Entities;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>What a file's hash must be, as the Models want it and as hosts announce it.</summary>
[TestFixture]
internal sealed class ChecksumTests : FetchFixture
{
    private static readonly string s_sound = Bytes.Sha256(Bytes.Sound);
    private static readonly string s_other = Bytes.Sha256(Bytes.Other);

    [Test]
    public async Task The_wanted_file_is_taken_in_whatever_letters_the_hash_is_written() =>
        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { ExpectedSha256 = [s_other, s_sound.ToUpperInvariant()] }));

    [Test]
    public async Task Another_file_is_refused_for_good_and_thrown_away()
    {
        var report = await FetchAsync(Options() with { ExpectedSha256 = [s_other] });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.ChecksumMismatch, true)));
        Assert.That(report.Message, Does.Contain(s_sound).And.Contain(s_other));
        AssertNothingInPlace();
        Assert.That(File.Exists(Paths.Partial), Is.False);
    }

    [Test]
    public async Task A_proved_file_that_nobody_wants_any_more_stays_until_the_wanted_one_has_come()
    {
        var old = await FetchAsync();
        Server.ETag = "\"v2\"";

        Assert.That((await FetchAsync(Options() with { ExpectedSha256 = [s_other] })).Reason, Is.EqualTo(Reasons.ChecksumMismatch));
        AssertInPlace(Bytes.Sound, old);

        Server.File = Bytes.Other;
        AssertInPlace(Bytes.Other, await FetchAsync(Options() with { ExpectedSha256 = [s_other] }));
    }

    private static IEnumerable<TestCaseData> Headers()
    {
        var base64 = Convert.ToBase64String(Convert.FromHexString(s_other));
        yield return new TestCaseData("X-Linked-ETag", $"\"{s_other}\"", true);
        yield return new TestCaseData("x-amz-checksum-sha256", base64, true);
        yield return new TestCaseData("x-amz-checksum-sha256", $"{base64}-7", false);
        yield return new TestCaseData("Repr-Digest", $"sha-512=:AAAA:, sha-256=:{base64}:", true);
        yield return new TestCaseData("Digest", $"SHA-256={base64}", true);
        yield return new TestCaseData("Content-Digest", $"sha-256=:{base64}:", false);
        yield return new TestCaseData("X-Linked-ETag", "\"4f2c\"", false);
    }

    [TestCaseSource(nameof(Headers))]
    public async Task What_a_host_announces_must_have_come(string header, string value, bool counts)
    {
        Server.Headers = [(header, value)];

        var report = await FetchAsync();

        if (!counts)
        {
            AssertInPlace(Bytes.Sound, report);
            return;
        }

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.ChecksumMismatch, true)));
        Assert.That(report.Message, Does.Contain($"127.0.0.1 in {header} announced {s_other}").And.Contain("spec.sha256"));
        Assert.That((Server.Requests.Count, report.Transferred), Is.EqualTo((2, 2L * Bytes.Sound.Length)), "once more, lest it was damaged on its way, and no further time");
        AssertNothingInPlace();
        Assert.That(File.Exists(Paths.Partial), Is.False);

        Server.File = Bytes.Other;
        AssertInPlace(Bytes.Other, await FetchAsync());
    }

    [Test]
    public async Task Of_a_redirect_only_what_it_says_of_its_link_counts()
    {
        var wrong = Convert.ToBase64String(Convert.FromHexString(s_other));
        Server.Usually = (c, s) => c.Request.Path == "/cdn" ? s.ServeAsync(c) : MisbehavingServer.StatusAsync(c, 302, headers: [("Location", "/cdn"), ("Digest", $"sha-256={wrong}")]);
        AssertInPlace(Bytes.Sound, await FetchAsync());

        Server.Usually = (c, s) => c.Request.Path == "/cdn" ? s.ServeAsync(c) : MisbehavingServer.StatusAsync(c, 302, headers: [("Location", "/cdn"), ("X-Linked-ETag", $"\"{s_other}\"")]);
        Assert.That((await FetchAsync(Options(Server.Url + "?linked"))).Reason, Is.EqualTo(Reasons.ChecksumMismatch));
    }

    [Test]
    public async Task What_was_damaged_on_its_way_comes_once_more()
    {
        Server.Headers = [("X-Linked-ETag", s_sound)];
        Server.Then((c, s) => DamagedAsync(c, s, 17));

        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Transferred, Is.EqualTo(2L * Bytes.Sound.Length));
    }

    [Test]
    public async Task What_is_damaged_each_time_otherwise_is_tried_again_later()
    {
        Server.Headers = [("X-Linked-ETag", s_sound)];
        Server.Then((c, s) => DamagedAsync(c, s, 17)).Then((c, s) => DamagedAsync(c, s, 18));

        var report = await FetchAsync();

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.ChecksumMismatch, false)), report.Message);
        AssertNothingInPlace();
    }

    [Test]
    public async Task A_host_that_announces_a_wrong_hash_is_overruled_by_the_user()
    {
        Server.Headers = [("X-Linked-ETag", s_other)];

        AssertInPlace(Bytes.Sound, await FetchAsync(Options() with { ExpectedSha256 = [s_sound] }));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    private static async Task DamagedAsync(Microsoft.AspNetCore.Http.HttpContext context, MisbehavingServer server, int at)
    {
        var sound = server.File;
        server.File = [.. sound];
        server.File[^at] ^= 1;
        await server.ServeAsync(context);
        server.File = sound;
    }
}
