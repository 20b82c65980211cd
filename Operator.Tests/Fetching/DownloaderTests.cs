using System.Text.Json;
using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using LlmKube.Operator.Tests.Stories;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.Fetching;

[TestFixture]
internal sealed class DownloaderTests : FetchFixture
{
    [Test]
    public async Task A_file_arrives_whole_proved_and_marked()
    {
        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        var marker = JsonDocument.Parse(await File.ReadAllTextAsync(Paths.Marker)).RootElement;
        Assert.That(marker.GetProperty("sha256").GetString(), Is.EqualTo(report.Sha256));
        Assert.That(marker.GetProperty("size").GetInt64(), Is.EqualTo(Bytes.Sound.Length));
        Assert.That(marker.GetProperty("gguf").GetProperty("architecture").GetString(), Is.EqualTo("llama"));
        Assert.That((report.Cached, report.Resumes, report.Transferred, report.Gguf!.LayerCount), Is.EqualTo((false, 0, Bytes.Sound.Length, 4)));
    }

    [Test]
    public async Task A_second_run_finds_the_marker_and_asks_no_one()
    {
        var first = await FetchAsync();
        var second = await FetchAsync();

        Assert.That((second.Complete, second.Cached, second.Sha256), Is.EqualTo((true, true, first.Sha256)));
        Assert.That(second.Gguf, Is.EqualTo(first.Gguf));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_file_without_marker_is_no_hit()
    {
        Directory.CreateDirectory(Paths.Folder);
        await File.WriteAllBytesAsync(Paths.Final, Bytes.Other);

        AssertInPlace(Bytes.Sound, await FetchAsync());
    }

    [Test]
    public async Task A_marker_beside_a_cut_file_is_no_hit()
    {
        await FetchAsync();
        await File.WriteAllBytesAsync(Paths.Final, Bytes.Sound[..^1]);

        AssertInPlace(Bytes.Sound, await FetchAsync());
    }

    [Test]
    public async Task A_marker_of_another_source_is_no_hit()
    {
        await FetchAsync();
        Server.File = Bytes.Other;

        AssertInPlace(Bytes.Other, await FetchAsync(Server.Url + "?other"));
    }

    [Test]
    public async Task A_stop_between_rename_and_marking_costs_no_transfer()
    {
        await FetchAsync();
        File.Delete(Paths.Marker);
        JsonFile.Write(Paths.PartialState, new PartialState(CacheKey.Of(Server.Url), Server.ETag, Bytes.Sound.Length, Bytes.Sound.Length, PartialState.CurrentBoot));

        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Transferred, Is.Zero);
    }

    [Test]
    public async Task A_broken_connection_is_gone_on_with()
    {
        var cut = Bytes.Sound.Length * 6L / 10;
        Server.ThenResetAt(cut);

        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Resumes, Is.EqualTo(1));
        var second = Server.Requests.Last();
        Assert.That(second.IfRange, Is.EqualTo("\"v1\""));
        Assert.That(second.Range, Does.StartWith("bytes="));
    }

    [Test]
    public async Task Without_an_ETag_the_time_of_the_last_change_tells_versions_apart([Values] bool changes)
    {
        (Server.ETag, Server.LastModified) = (null, "Sun, 01 Mar 2026 12:00:00 GMT");
        Server.Then(async (c, s) =>
        {
            await MisbehavingServer.ResetAt(1_000_000)(c, s);
            if (changes) (s.File, s.LastModified) = (Bytes.Other, "Sun, 01 Mar 2026 12:00:01 GMT");
        });

        var report = await FetchAsync();

        AssertInPlace(changes ? Bytes.Other : Bytes.Sound, report);
        Assert.That(Server.Requests.Last().IfRange, Is.EqualTo("Sun, 01 Mar 2026 12:00:00 GMT"));
        Assert.That(report.Resumes, Is.EqualTo(changes ? 0 : 1));
    }

    [Test]
    public async Task Ten_breaks_with_progress_between_them_are_not_too_many()
    {
        for (var i = 1; i <= 10; i++) Server.ThenResetAt(Bytes.Sound.Length * i / 11L);

        AssertInPlace(Bytes.Sound, await FetchAsync());
    }

    [Test]
    public async Task A_later_run_goes_on_where_an_earlier_one_gave_up()
    {
        var cut = Bytes.Sound.Length / 2;
        Server.ThenResetAt(cut);
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 503, "maintenance");
        var failed = await FetchAsync();
        AssertNothingInPlace();
        Assert.That((failed.Complete, failed.Terminal, failed.Reason), Is.EqualTo((false, false, Reasons.SourceUnreachable)));
        Assert.That(failed.Message, Does.Contain("503").And.Contain("maintenance"));
        Server.Usually = (c, s) => s.ServeAsync(c);

        var report = await FetchAsync();

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Resumes, Is.EqualTo(1));
        Assert.That(report.Transferred, Is.LessThan(Bytes.Sound.Length));
    }

    [Test]
    public async Task A_source_that_changed_meanwhile_is_begun_anew()
    {
        Server.Then(ChangeHalfwayAsync);

        AssertInPlace(Bytes.Other, await FetchAsync());
    }

    [Test]
    public async Task A_server_that_ignores_If_Range_is_found_out()
    {
        Server.Then(ChangeHalfwayAsync).Then((c, s) =>
        {
            c.Request.Headers.IfRange = "\"v2\"";
            return s.ServeAsync(c);
        });

        AssertInPlace(Bytes.Other, await FetchAsync());
    }

    [Test]
    public async Task Without_a_validator_or_ranges_a_break_begins_anew([Values] bool validator, [Values] bool ranges)
    {
        if (!validator) Server.ETag = null;
        Server.Ranges = ranges;
        Server.ThenResetAt(1_000_000);

        AssertInPlace(Bytes.Sound, await FetchAsync());
    }

    [Test]
    public async Task Bytes_of_before_a_power_cut_are_trusted_as_far_as_they_were_synced()
    {
        Directory.CreateDirectory(Paths.Folder);
        var garbled = Bytes.Sound[..1_000_000];
        Array.Clear(garbled, 600_000, 400_000);
        await File.WriteAllBytesAsync(Paths.Partial, garbled);
        JsonFile.Write(Paths.PartialState, new PartialState(CacheKey.Of(Server.Url), "\"v1\"", Bytes.Sound.Length, 500_000, "another boot"));

        AssertInPlace(Bytes.Sound, await FetchAsync());
        Assert.That(Server.Requests.Single().Range, Is.EqualTo("bytes=500000-"));
    }

    [Test]
    public async Task Redirects_are_followed_and_each_resume_begins_at_the_original_url()
    {
        Server.Usually = (c, s) => c.Request.Path == "/cdn" ? s.ServeAsync(c) : MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "/cdn"));
        Server.Then((c, s) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "/cdn"))).ThenResetAt(1_000_000);

        AssertInPlace(Bytes.Sound, await FetchAsync());
        Assert.That(Server.Requests.Select(r => r.Path), Is.EqualTo(["/model.gguf", "/cdn", "/model.gguf", "/cdn"]));
    }

    [Test]
    public async Task Credentials_of_the_url_go_to_its_host_alone()
    {
        await using var other = await MisbehavingServer.StartAsync(Bytes.Sound);
        Server.ThenStatus(302, headers: ("Location", other.Url));

        var report = await FetchAsync(Server.Url.Replace("http://", "http://user:secret@", StringComparison.Ordinal));

        AssertInPlace(Bytes.Sound, report);
        Assert.That(Server.Requests.Single().Authorization, Does.StartWith("Basic "));
        Assert.That(other.Requests.Single().Authorization, Is.Null);
        Assert.That(await File.ReadAllTextAsync(Paths.Marker), Does.Not.Contain("secret"));
    }

    [Test]
    public async Task Busy_servers_are_waited_for()
    {
        Server.ThenStatus(429, "slow down", ("Retry-After", "0")).ThenStatus(503).ThenStatus(500);

        AssertInPlace(Bytes.Sound, await FetchAsync());
        Assert.That(Server.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_stalled_connection_is_given_up_and_gone_on_with()
    {
        Server.ThenStallAt(1_000_000);

        var report = await FetchAsync(Options() with { StallTimeout = TimeSpan.FromMilliseconds(300) });

        AssertInPlace(Bytes.Sound, report);
        Assert.That(report.Resumes, Is.EqualTo(1));
    }

    [Test]
    public async Task A_chunked_answer_without_length_is_fine_if_it_is_complete()
    {
        Server.Usually = (c, s) => s.SendAsync(c, 0, s.File.Length);

        AssertInPlace(Bytes.Sound, await FetchAsync());
    }

    [Test]
    public async Task Two_writers_make_one_transfer()
    {
        var reports = await Task.WhenAll(FetchAsync(), FetchAsync());

        Assert.That(reports.Select(r => r.Cached), Is.EquivalentTo([true, false]));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
        AssertInPlace(Bytes.Sound, reports[0]);
    }

    [Test]
    public async Task A_lock_that_is_never_given_back_is_reported()
    {
        Directory.CreateDirectory(Paths.Folder);
        using var held = new FileStream(Paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        var report = await FetchAsync(Options() with { LockTimeout = TimeSpan.Zero });

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.CacheBusy, false)));
    }

    [Test]
    public async Task A_stop_keeps_what_has_come()
    {
        Server.ThenStallAt(1_000_000);
        using var stop = new CancellationTokenSource();
        var running = Fetch.RunAsync(Options(), TextWriter.Null, TextWriter.Null, TimeProvider.System, new Random(1), stop.Token);
        await Eventually.TrueAsync(() => File.Exists(Paths.Partial) && new FileInfo(Paths.Partial).Length == 1_000_000, "what was sent is on the disk");

        await stop.CancelAsync();

        var (report, exitCode) = await running;
        Assert.That((report.Reason, exitCode), Is.EqualTo((Reasons.Interrupted, ExitCodes.Interrupted)));
        AssertNothingInPlace();
        var next = await FetchAsync();
        AssertInPlace(Bytes.Sound, next);
        Assert.That(next.Transferred, Is.EqualTo(Bytes.Sound.Length - 1_000_000));
    }

    // Half of the file, then another one in its place and the end of the connection.
    private static async Task ChangeHalfwayAsync(HttpContext context, MisbehavingServer server)
    {
        context.Response.Headers.ETag = server.ETag;
        context.Response.ContentLength = server.File.Length;
        await server.SendAsync(context, 0, server.File.Length / 2);
        (server.File, server.ETag) = (Bytes.Other, "\"v2\"");
        context.Abort();
    }
}
