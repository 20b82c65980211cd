using LlmKube.Operator.Entities;
using LlmKube.Operator.Fetching;
using Microsoft.AspNetCore.Http;

namespace LlmKube.Operator.Tests.Fetching;

/// <summary>Each way in which a source can disappoint: the reason, the server's words, nothing at the final path.</summary>
[TestFixture]
internal sealed class FetchFailureTests : FetchFixture
{
    private sealed record Story(Action<MisbehavingServer> Cue, string Reason, bool Terminal, string Says);

    private static readonly Dictionary<string, Story> Stories = new()
    {
        ["404 with words"] = new(s => Always(s, 404, "Entry not found"), Reasons.SourceNotFound, true, "404 Not Found: Entry not found"),
        ["410"] = new(s => Always(s, 410), Reasons.SourceNotFound, true, "410"),
        ["401"] = new(s => Always(s, 401, "Invalid credentials in Authorization header"), Reasons.SourceUnauthorized, false, "Invalid credentials"),
        ["403"] = new(s => Always(s, 403), Reasons.SourceUnauthorized, false, "403"),
        ["429 for ever"] = new(s => Always(s, 429, "", ("Retry-After", "0")), Reasons.SourceUnreachable, false, "429"),
        ["an HTML page as .gguf"] = new(s => s.File = "<!DOCTYPE html><html>Sign in</html>"u8.ToArray(), Reasons.NotGguf, true, "HTML"),
        ["an empty file"] = new(s => s.File = [], Reasons.NotGguf, true, "0 bytes"),
        ["a file cut at its source"] = new(s => s.File = Bytes.Sound[..1_000_000], Reasons.NotGguf, true, "incomplete"),
        ["more announced than there is, by a server with ranges"] = new(s => s.Usually = (c, _) => LieAsync(c, s, ranges: true), Reasons.LengthMismatch, true, "announced"),
        ["more announced than there is, by a server without ranges"] = new(s => s.Usually = (c, _) => LieAsync(c, s, ranges: false), Reasons.LengthMismatch, true, "announced"),
        ["always broken off at the same byte"] = new(s => s.Usually = MisbehavingServer.ResetAt(500_000), Reasons.SourceUnreachable, false, "reset"),
        ["always broken off, without ranges"] = new(s => (s.Ranges, s.Usually) = (false, MisbehavingServer.ResetAt(500_000)), Reasons.SourceUnreachable, false, "broke"),
        ["stalled for ever"] = new(s => s.Usually = MisbehavingServer.StallAt(500_000), Reasons.SourceStalled, false, "did not answer for 0.3 s"),
        ["silent from the start"] = new(s => s.Usually = (c, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted), Reasons.SourceStalled, false, "did not answer"),
        ["a redirect loop"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "/model.gguf")), Reasons.SourceUnreachable, false, "redirects more than 10 times"),
        ["a redirect to a file"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "file:///etc/passwd")), Reasons.SourceNotAllowed, true, "to file"),
        ["a redirect to what is no URL"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "//")), Reasons.SourceNotAllowed, true, "a redirect leads to what is no URL"),
        ["a redirect to a port that is none"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "//host:99999/")), Reasons.SourceNotAllowed, true, "a redirect leads to what is no URL"),
        ["a redirect to the cloud's metadata"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "http://169.254.169.254/latest/meta-data/")), Reasons.SourceNotAllowed, true, "169.254.169.254 is a cloud's metadata service"),
        ["a redirect into the cluster"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "http://[::ffff:10.96.0.1]/model.gguf")), Reasons.SourceNotAllowed, true, "10.96.0.1 is a private address"),
        ["a redirect to nowhere"] = new(s => s.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 302), Reasons.SourceUnreachable, false, "302"),
        ["418"] = new(s => Always(s, 418), Reasons.SourceUnreachable, false, "418"),
    };

    private static IEnumerable<string> Names => Stories.Keys;

    [TestCaseSource(nameof(Names))]
    public async Task The_source_disappoints(string name)
    {
        var story = Stories[name];
        story.Cue(Server);

        var report = await FetchAsync(Options() with { StallTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.That((report.Complete, report.Reason, report.Terminal), Is.EqualTo((false, story.Reason, story.Terminal)), report.Message);
        Assert.That(report.Message, Does.Contain(story.Says));
        AssertNothingInPlace();
        if (story.Terminal) Assert.That(File.Exists(Paths.Partial), Is.False);
    }

    [Test]
    public async Task No_one_listens()
    {
        var url = Server.Url;
        await Server.DisposeAsync();

        var report = await FetchAsync(url);

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUnreachable, false)));
        Assert.That(report.Message, Does.Contain("refused"));
    }

    [Test]
    public async Task Tls_that_is_none()
    {
        var report = await FetchAsync(Server.Url.Replace("http:", "https:", StringComparison.Ordinal));

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.SourceUntrusted, false)));
    }

    [Test]
    public async Task Secrets_of_the_url_are_never_told_though_the_server_repeats_them()
    {
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 404, $"no {c.Request.Path}{c.Request.QueryString} for {c.Request.Headers.Authorization}");

        var report = await FetchAsync(Server.Url.Replace("http://", "http://bob:hunter22@", StringComparison.Ordinal) + "?token=s3cr3t-t0ken");

        Assert.That(report.Message, Does.Contain("/model.gguf").And.Not.Contain("s3cr3t").And.Not.Contain("hunter22"));
    }

    [TestCase("http://bob:pw1@", "?t=k3y", "pw1", "k3y")]
    [TestCase("http://bob:hunter22@", "", "hunter22", "Ym9iOmh1bnRlcjIy")]
    public async Task A_short_secret_is_one_as_well_and_so_is_what_it_is_sent_as(string scheme, string query, params string[] secrets)
    {
        Server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, 404, $"no key {c.Request.QueryString} for bob, {string.Join(", ", secrets)}, {c.Request.Headers.Authorization}; monkeys");

        var report = await FetchAsync(Server.Url.Replace("http://", scheme, StringComparison.Ordinal) + query);

        Assert.That(report.Message, Does.Contain("404 Not Found: no key").And.Contain("monkeys"));
        foreach (var secret in secrets) Assert.That(report.Message, Does.Not.Contain(secret));
    }

    [Test]
    public async Task The_signature_of_the_link_that_a_redirect_led_to_is_never_told()
    {
        Server.Usually = (c, _) => c.Request.QueryString.HasValue
            ? MisbehavingServer.StatusAsync(c, 403, $"expired: {c.Request.QueryString}")
            : MisbehavingServer.StatusAsync(c, 302, headers: ("Location", "/cdn/model.gguf?X-Signature=5i9natur3&Expires=99"));

        var report = await FetchAsync();

        Assert.That(report.Message, Does.Contain("403 Forbidden: expired").And.Not.Contain("5i9natur3"));
    }

    [Test]
    public async Task What_nobody_has_foreseen_is_told_by_its_name_and_tried_again()
    {
        using var errors = new StringWriter();

        var (report, exitCode) = await Fetch.RunAsync(
            Options(Server.Url + "?token=s3cr3t") with { Target = "/no\0path" }, TextWriter.Null, errors, TimeProvider.System, new Random(1), CancellationToken.None);

        Assert.That((report.Complete, report.Terminal, report.Reason, exitCode), Is.EqualTo((false, false, (string?)null, ExitCodes.TryLater)));
        Assert.That(report.Message, Does.StartWith("the fetch ended with ArgumentException: "));
        Assert.That(errors.ToString(), Does.Contain(nameof(Downloader)));
    }

    [Test]
    public async Task A_full_disk_is_a_reason()
    {
        var progress = new FetchProgress();
        var source = new FileSource(await OnDiskAsync(Bytes.Sound), "/m.gguf");
        var downloader = new Downloader(Options("/m.gguf"), ArtifactPlan.Of(new SourceAddress.Local("/m.gguf"), []), _ => source, progress, _ => 1_000_000, TimeProvider.System, new Random(1));

        var failure = (await Assert.ThrowsAsync<FetchFailure>(() => downloader.RunAsync(CancellationToken.None)))!;

        Assert.That((failure.Reason, failure.TryAgain), Is.EqualTo((Reasons.OutOfSpace, TryAgain.Later)));
        Assert.That(failure.Message, Does.Contain($"{Bytes.Sound.Length} bytes"));
    }

    [TestCase(28, Reasons.OutOfSpace, Description = "ENOSPC")]
    [TestCase(122, Reasons.OutOfSpace, Description = "EDQUOT")]
    [TestCase(5, Reasons.CacheUnusable, Description = "EIO")]
    public void A_disk_s_failures_are_told_apart(int errno, string reason)
    {
        var failure = DiskFailure.Of(new IOException("the disk's words", errno));

        Assert.That((failure.Reason, failure.TryAgain), Is.EqualTo((reason, TryAgain.Later)));
        Assert.That(failure.Message, Does.EndWith("the disk's words"));
    }

    [Test]
    public async Task A_volume_that_cannot_be_written_is_a_reason()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "cache"), "a file in the folder's place");

        var report = await FetchAsync();

        Assert.That((report.Reason, report.Terminal), Is.EqualTo((Reasons.CacheUnusable, false)));
    }

    [Test]
    public async Task A_local_file_is_copied([Values] bool asUrl)
    {
        var path = await OnDiskAsync(Bytes.Sound);

        AssertInPlace(Bytes.Sound, await FetchAsync(asUrl ? new Uri(path).AbsoluteUri : path));
    }

    [Test]
    public async Task A_local_file_is_read_where_it_is_mounted()
    {
        var mounted = await OnDiskAsync(Bytes.Sound);

        AssertInPlace(Bytes.Sound, await FetchAsync(Options("/srv/models/m.gguf") with { LocalPath = mounted }));
    }

    [Test]
    public async Task A_local_file_that_is_absent_or_a_folder()
    {
        var absent = await FetchAsync("/no/such/model.gguf");
        var folder = await FetchAsync(Folder);

        Assert.That((absent.Reason, absent.Terminal), Is.EqualTo((Reasons.SourceNotFound, true)));
        Assert.That(folder.Reason, Is.EqualTo(Reasons.SourceUnauthorized));
    }

    private async Task<string> OnDiskAsync(byte[] content)
    {
        var path = Path.Combine(Folder, "on-disk.gguf");
        await File.WriteAllBytesAsync(path, content);
        return path;
    }

    private static void Always(MisbehavingServer server, int status, string text = "", params (string, string)[] headers) =>
        server.Usually = (c, _) => MisbehavingServer.StatusAsync(c, status, text, headers);

    // Announces a fifth more than it has, and closes in order.
    private static async Task LieAsync(HttpContext context, MisbehavingServer server, bool ranges)
    {
        server.Ranges = ranges;
        var range = context.Request.Headers.Range.ToString();
        if (ranges && range.Length > 0)
        {
            await server.ServeAsync(context);
            return;
        }

        context.Response.Headers.ETag = server.ETag;
        await RawAnswer.EndEarlyAsync(context, server.File, server.File.Length * 6L / 5);
    }
}
